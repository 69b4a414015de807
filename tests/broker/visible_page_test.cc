#include "broker/visible_page.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/frame_sequence.h"
#include "broker/auth/identity.h"
#include "broker/permissions/permission_rule.h"
#include "broker/permissions/permission_set.h"
#include "gtest/gtest.h"
#include "proto/message_frame.h"
#include "tests/support/hand_clock.h"
#include "tests/support/published.h"
#include "tests/support/sim_wire_form.h"

namespace esockets::broker {
namespace {

class VisiblePageTest : public testing::Test {
 protected:
  VisiblePageTest() {
    for (const std::string_view topic : {"a/1", "pay/1", "old/1", "a/2"}) {
      const tests::Published published(topic, "x");
      bytes_->append(published.messages().frames.view());
      page_.ends.push_back(static_cast<uint32_t>(bytes_->size()));
    }
    page_.bytes = *bytes_;
    page_.keeper = {.bytes = bytes_};
  }
  static std::unique_ptr<PermissionSet> SetWithHoles() {
    auto rules = std::make_shared<std::vector<PermissionRule>>(3);
    (*rules)[0].actions = {Action::kSubscribe, Action::kStream};
    (*rules)[1].actions = {Action::kSubscribe};
    (*rules)[2].actions = {Action::kStream};
    (*rules)[1].deny = (*rules)[2].deny = true;
    std::vector<PermissionSet::Entry> entries = {
        {&(*rules)[0], {"#"}}, {&(*rules)[1], {"pay/#"}}, {&(*rules)[2], {"old/#"}}};
    return std::make_unique<PermissionSet>(std::move(rules), std::move(entries));
  }
  std::string Topics(const base::FrameSequence& frames) const {
    std::string topics;
    for (base::FrameSequence rest = frames; !rest.empty(); rest.RemoveFirst(1)) {
      topics += std::string(wire_form_.LabelOf(rest.front()).topic) + " ";
    }
    return topics;
  }

  tests::HandClock clock_;
  tests::SimWireForm wire_form_{&clock_};
  const std::shared_ptr<std::string> bytes_ = std::make_shared<std::string>();
  StoredPage page_;
  const Identity nobody_;
  const std::unique_ptr<PermissionSet> set_ = SetWithHoles();
  const ClientPermissions permissions_{&nobody_, set_.get(), nullptr};
};

TEST_F(VisiblePageTest, AllOfItWhereItLiesIfNothingIsHidden) {
  for (const auto& permissions : {ClientPermissions::Everything(), permissions_}) {
    const VisiblePage visible(page_, permissions, {"a/#", true}, wire_form_);
    EXPECT_EQ(visible.frames().bytes.data(), bytes_->data());
    EXPECT_EQ(visible.keeper().bytes, bytes_);
    EXPECT_EQ(visible.frames().count(), 4U);
  }
}

TEST_F(VisiblePageTest, ACopyWithoutWhatIsDenied) {
  const VisiblePage live(page_, permissions_, {"#", false}, wire_form_);
  EXPECT_EQ(Topics(live.frames()), "a/1 old/1 a/2 ");
  const VisiblePage stored(page_, permissions_, {"#", true}, wire_form_);
  EXPECT_EQ(Topics(stored.frames()), "a/1 a/2 ");
  EXPECT_NE(stored.keeper().bytes, bytes_) << "the copy is kept, not the page";
  EXPECT_EQ(static_cast<const std::string*>(stored.keeper().bytes.get())->data(),
            stored.frames().bytes.data());
}

TEST_F(VisiblePageTest, NothingIsAPageToo) {
  page_.ends.resize(2);
  page_.begin = page_.ends[0];
  page_.ends.erase(page_.ends.begin());
  EXPECT_TRUE(VisiblePage(page_, permissions_, {"#", false}, wire_form_).frames().empty());
  page_.ends.clear();
  EXPECT_TRUE(VisiblePage(page_, permissions_, {"#", false}, wire_form_).frames().empty());
}

}  // namespace
}  // namespace esockets::broker
