// Rows of text as a table with aligned columns.
#ifndef CLIENTS_CLI_TABLE_H_
#define CLIENTS_CLI_TABLE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace esockets::cli {

class Table {
 public:
  // A name that ends with ">" stands, without it, over a column of numbers, aligned to the right.
  explicit Table(std::vector<std::string> columns);

  // REQUIRES: as many cells as columns.
  void Add(std::vector<std::string> row);

  // Header, then the rows, two spaces between columns, a newline after each line.
  std::string ToString() const;

 private:
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_;  // the first one holds the names
};

// One line each: the name, and its value behind all names. Those without a value are left out.
std::string FieldLines(const std::vector<std::pair<std::string, std::string>>& fields);

// 1234 -> "1234", 123456 -> "123k", 12345678 -> "12.3M".
std::string Short(uint64_t number);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_TABLE_H_
