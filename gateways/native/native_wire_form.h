// Messages as frames of the native protocol, written once into the loop's frame arena.
#ifndef GATEWAYS_NATIVE_NATIVE_WIRE_FORM_H_
#define GATEWAYS_NATIVE_NATIVE_WIRE_FORM_H_

#include "base/counted_block.h"
#include "base/on_loop.h"
#include "broker/message.h"
#include "broker/wire_form.h"
#include "server/event_loop.h"

namespace esockets::native {

// What the broker adds to each message.
struct Stamps {
  bool time = false;
  bool publisher = false;
};

class NativeWireForm final : public broker::WireForm {
 public:
  // REQUIRES: the loop outlives the form.
  NativeWireForm(server::EventLoop* loop, Stamps stamps) : loop_(*loop), stamps_(stamps) {}

  base::BlockSpan Encode(const broker::Message& message) override ESOCKETS_ON_LOOP;

 private:
  server::EventLoop& loop_;
  const Stamps stamps_;
};

}  // namespace esockets::native

#endif  // GATEWAYS_NATIVE_NATIVE_WIRE_FORM_H_
