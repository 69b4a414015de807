// Asks for something that nobody shall read over a shoulder.
#ifndef CLIENTS_CLI_SECRET_PROMPT_H_
#define CLIENTS_CLI_SECRET_PROMPT_H_

#include <string>
#include <string_view>

#include "clients/cli/interrupt.h"
#include "clients/cli/line_reader.h"

namespace esockets::cli {

class SecretPrompt {
 public:
  // Of stdin. REQUIRES: `interrupt` outlives it.
  explicit SecretPrompt(Interrupt* interrupt);

  // Is somebody there who can be asked?
  bool is_terminal() const { return is_terminal_; }

  // The next line, which a terminal does not show; `question` is put there on stderr. False: there
  // is none, or Ctrl-C came.
  bool Ask(std::string_view question, std::string* answer);

 private:
  const bool is_terminal_;
  LineReader lines_;
};

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_SECRET_PROMPT_H_
