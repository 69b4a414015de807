// Lines of a descriptor, without making Ctrl-C wait for the next one.
#ifndef CLIENTS_CLI_LINE_READER_H_
#define CLIENTS_CLI_LINE_READER_H_

#include <cstddef>
#include <string>

#include "clients/cli/interrupt.h"

namespace esockets::cli {

class LineReader {
 public:
  // REQUIRES: `interrupt` outlives it. Does not own `fd`.
  LineReader(int fd, Interrupt* interrupt) : fd_(fd), interrupt_(*interrupt) {}

  // The next line without its newline; the last one may have none. False at the end of the input,
  // on an error of reading, and when a signal comes.
  bool Next(std::string* line);

 private:
  // False: there is no more.
  bool Fill();

  const int fd_;
  Interrupt& interrupt_;
  std::string buffer_;
  size_t begin_ = 0;  // of the next line in buffer_
};

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_LINE_READER_H_
