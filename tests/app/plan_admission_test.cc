#include "app/plan_admission.h"

#include <string>
#include <string_view>

#include "app/config.h"
#include "app/plan.h"
#include "gtest/gtest.h"

namespace esockets::app {
namespace {

server::AdmissionSettings Planned(std::string_view text) {
  const absl::StatusOr<LoadedConfig> loaded = ParseConfig(std::string(text), "b.textproto");
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  const absl::StatusOr<Plan> plan = MakePlan(*loaded);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan->broker.admission;
}

TEST(PlanAdmission, WithoutAWordEverybodyComesIn) {
  const server::AdmissionSettings admission = Planned("");
  EXPECT_EQ(admission.connects_per_second_max, 0U);
  ASSERT_EQ(admission.of_listeners.size(), 1U) << "the default one";
  EXPECT_EQ(admission.of_listeners[0].connections_max, 0U);
  EXPECT_EQ(admission.of_listeners[0].connections_per_address_max, 0U);
  EXPECT_EQ(admission.of_listeners[0].connects_per_second_per_address_max, 0U);
}

TEST(PlanAdmission, AListenerHasItsOwnOrThoseOfAll) {
  const server::AdmissionSettings admission = Planned(R"(
      listen: "127.0.0.1:1" listen: "127.0.0.1:2"
      listener { address: "127.0.0.1:3" connections_max: 7 connections_per_address_max: 0
                 connects_per_second_max: 50 }
      listener { address: "127.0.0.1:4" connects_per_second_per_address_max: 9 }
      limits {
        connections_per_address_max: 100
        connects_per_second_per_address_max: 20
        connects_per_second_max: 5000
      })");
  EXPECT_EQ(admission.connects_per_second_max, 5000U);
  ASSERT_EQ(admission.of_listeners.size(), 4U);
  for (const size_t i : {0U, 1U}) {
    EXPECT_EQ(admission.of_listeners[i].connections_max, 0U);
    EXPECT_EQ(admission.of_listeners[i].connections_per_address_max, 100U);
    EXPECT_EQ(admission.of_listeners[i].connects_per_second_per_address_max, 20U);
    EXPECT_EQ(admission.of_listeners[i].connects_per_second_max, 0U) << "only all together";
  }
  EXPECT_EQ(admission.of_listeners[2].connections_max, 7U);
  EXPECT_EQ(admission.of_listeners[2].connects_per_second_max, 50U);
  EXPECT_EQ(admission.of_listeners[2].connections_per_address_max, 0U) << "none, and so it is said";
  EXPECT_EQ(admission.of_listeners[3].connections_per_address_max, 100U);
  EXPECT_EQ(admission.of_listeners[3].connects_per_second_per_address_max, 9U);
}

}  // namespace
}  // namespace esockets::app
