#include "clients/cli/table.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/strings/str_format.h"

namespace esockets::cli {

Table::Table(std::vector<std::string> columns) {
  for (std::string& name : columns) {
    right_.push_back(name.ends_with('>'));
    if (right_.back()) name.pop_back();
  }
  rows_.push_back(std::move(columns));
}

void Table::Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

std::string Table::ToString() const {
  std::vector<size_t> widths(right_.size(), 0);
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      text += right_[i] ? padding + row[i] : row[i] + padding;
      if (i + 1 < row.size()) text += "  ";
    }
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

std::string FieldLines(const std::vector<std::pair<std::string, std::string>>& fields) {
  size_t width = 0;
  for (const auto& [name, value] : fields) width = std::max(width, name.size());
  std::string text;
  for (const auto& [name, value] : fields) {
    if (value.empty()) continue;
    text.append(name).append(width - name.size() + 2, ' ').append(value).append(1, '\n');
  }
  return text;
}

std::string Short(uint64_t number) {
  if (number < 100'000) return std::to_string(number);
  double scaled = static_cast<double>(number);
  constexpr std::string_view kUnits = "kMGTPE";
  size_t unit = 0;
  for (scaled /= 1000; scaled >= 1000; scaled /= 1000) ++unit;
  return scaled < 100 ? absl::StrFormat("%.1f%c", scaled, kUnits[unit])
                      : absl::StrFormat("%.0f%c", scaled, kUnits[unit]);
}

}  // namespace esockets::cli
