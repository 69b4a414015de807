// A process that keeps descriptors for a test: those of thousands of clients, of which otherwise
// only half as many would find room beside the broker's.
#ifndef TESTS_SUPPORT_DESCRIPTOR_KEEPER_H_
#define TESTS_SUPPORT_DESCRIPTOR_KEEPER_H_

#include <sys/types.h>

#include "server/unique_fd.h"

namespace esockets::tests {

class DescriptorKeeper {
 public:
  // REQUIRES: this process has no other thread yet; and only a few open descriptors, which the
  // other process keeps too.
  DescriptorKeeper();
  DescriptorKeeper(const DescriptorKeeper&) = delete;
  DescriptorKeeper& operator=(const DescriptorKeeper&) = delete;
  ~DescriptorKeeper() { CloseAll(); }

  // Returns false when the other process is gone.
  bool Keep(server::UniqueFd descriptor);
  // Returns when all are closed; nothing can be kept any more.
  void CloseAll();

 private:
  server::UniqueFd channel_;
  pid_t process_ = -1;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_DESCRIPTOR_KEEPER_H_
