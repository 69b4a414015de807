// Settings of a broker for a fuzzer: streams, last values and presence; limits that are soon
// reached; and a choice of rules.
#ifndef TESTS_FUZZ_STAGE_SETTINGS_H_
#define TESTS_FUZZ_STAGE_SETTINGS_H_

#include <cstddef>

#include "broker/shard.h"

namespace esockets::tests {

// `rules`: any number chooses some.
broker::Settings StageSettings(bool narrow, size_t rules);

}  // namespace esockets::tests

#endif  // TESTS_FUZZ_STAGE_SETTINGS_H_
