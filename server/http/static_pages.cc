#include "server/http/static_pages.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "base/strings.h"
#include "server/http/percent_encoding.h"

namespace esockets::http {
namespace {

namespace fs = std::filesystem;

// Only what a page of its own origin brings along, and its connection to here.
constexpr std::string_view kPageContent =
    "default-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";

std::string_view ContentType(const fs::path& file) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".css", "text/css; charset=utf-8"},
      {".html", "text/html; charset=utf-8"},
      {".ico", "image/x-icon"},
      {".jpg", "image/jpeg"},
      {".js", "text/javascript; charset=utf-8"},
      {".json", "application/json"},
      {".map", "application/json"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".png", "image/png"},
      {".svg", "image/svg+xml"},
      {".txt", "text/plain; charset=utf-8"},
      {".webmanifest", "application/manifest+json"},
      {".woff2", "font/woff2"},
  };
  const std::string extension = file.extension().string();
  const auto* found = std::ranges::find(kTypes, extension,
                                        [](const auto& type) { return std::string(type.first); });
  return found == std::end(kTypes) ? "application/octet-stream" : found->second;
}

// What a page names is relative to its folder: a browser must know that it is one.
Response ToFolder(std::string_view path) {
  Response response = PlainRefusal(Status::kPermanentRedirect, base::StrCat(path, "/"));
  response.fields = base::StrCat("Location: ", path, "/\r\n");
  return response;
}

bool IsHidden(const fs::path& file) { return file.filename().string().starts_with('.'); }

}  // namespace

absl::Status StaticPages::Add(std::string_view path, const std::string& folder) {
  if (!path.starts_with('/') || (path.size() > 1 && path.ends_with('/'))) {
    return base::Error(absl::StatusCode::kInvalidArgument,
                       "must begin with a slash and not end with one: ", path);
  }
  std::error_code error;
  fs::recursive_directory_iterator files(folder, error);
  if (error) {
    return base::Error(absl::StatusCode::kNotFound, "cannot read the folder ", folder, ": ",
                       error.message());
  }
  const std::string prefix = path == "/" ? "" : std::string(path);
  for (const fs::recursive_directory_iterator end; files != end; files.increment(error)) {
    if (IsHidden(files->path())) files.disable_recursion_pending();
    std::error_code unknown;  // then it is none
    const bool is_file = files->symlink_status(unknown).type() == fs::file_type::regular;
    if (IsHidden(files->path()) || !is_file) continue;
    const std::string name = files->path().lexically_relative(folder).generic_string();
    absl::Status added = AddFile(base::StrCat(prefix, "/", name), files->path().string());
    if (!added.ok()) return added;
  }
  if (pages_.contains(prefix + "/")) starts_.push_back(prefix + "/");
  return absl::OkStatus();
}

absl::Status StaticPages::AddFile(std::string path, const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string body{std::istreambuf_iterator<char>(stream), {}};
  if (!stream.good() && !stream.eof()) {
    return base::Error(absl::StatusCode::kNotFound, "cannot read ", file);
  }
  bytes_ += body.size();
  if (bytes_ > kPagesBytesMax) {
    return base::Error(absl::StatusCode::kResourceExhausted, "with ", file,
                       " the pages are more than ", kPagesBytesMax, " bytes");
  }
  Page page{.body = std::move(body), .content_type = ContentType(file), .etag = {}};
  page.etag = base::StrCat("\"", std::hash<std::string>{}(page.body), "-", page.body.size(), "\"");
  constexpr std::string_view kIndex = "/index.html";
  if (path.ends_with(kIndex)) {
    pages_[path.substr(0, path.size() - kIndex.size() + 1)] = page;
  }
  pages_[std::move(path)] = std::move(page);
  return absl::OkStatus();
}

Response StaticPages::Answer(const Request& request, std::string_view hint) const {
  const std::string_view target = request.target;
  const std::string_view path = target.substr(0, target.find('?'));
  const std::optional<std::string> name = DecodePercent(path);
  if (!name) return PlainRefusal(Status::kNotFound, hint);
  const auto found = pages_.find(*name);
  if (found == pages_.end() && pages_.contains(base::StrCat(*name, "/"))) return ToFolder(path);
  if (found == pages_.end()) return PlainRefusal(Status::kNotFound, hint);
  if (request.method != "GET" && request.method != "HEAD") {
    Response refusal = PlainRefusal(Status::kMethodNotAllowed, request.method);
    refusal.fields = "Allow: GET, HEAD\r\n";
    return refusal;
  }
  const Page& page = found->second;
  Response response{.content_type = page.content_type,
                    .body = {},
                    .fields = base::StrCat("ETag: ", page.etag, "\r\n"),
                    .cache_control = "no-cache",
                    .content_security_policy = kPageContent};
  const std::string* known = request.Find("if-none-match");
  if (known != nullptr && *known == page.etag) {
    response.status = Status::kNotModified;
  } else {
    response.body = page.body;
  }
  return response;
}

}  // namespace esockets::http
