// One HTTP request, as it was read: nothing of it is trusted yet.
#ifndef SERVER_HTTP_REQUEST_H_
#define SERVER_HTTP_REQUEST_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace esockets::http {

struct Request {
  using Field = std::pair<std::string, std::string>;

  std::string method;
  std::string target;         // path and query
  std::vector<Field> fields;  // names in lower case
  std::string body;
  bool http_1_1 = true;
  bool keep_alive = true;
  bool encrypted = false;  // on its way to here: it is one for https

  // How often the field stands there. REQUIRES: lower case, as below.
  size_t Count(std::string_view name) const {
    return static_cast<size_t>(std::ranges::count(fields, name, &Field::first));
  }
  // Value of the field that stands there once or not at all; null: not at all.
  const std::string* Find(std::string_view name) const {
    const auto found = std::ranges::find(fields, name, &Field::first);
    return found == fields.end() ? nullptr : &found->second;
  }
};

}  // namespace esockets::http

#endif  // SERVER_HTTP_REQUEST_H_
