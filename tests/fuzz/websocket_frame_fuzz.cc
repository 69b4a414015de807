// Frames are read the same however their bytes are cut, and as Debian's wslay reads them (RFC 6455,
// section 5): the same messages and control frames, up to the same mistake.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "server/websocket/close_status.h"
#include "server/websocket/frame_decoder.h"
#include "tests/fuzz/expect.h"
#include "wslay/wslay.h"

namespace {

using esockets::tests::Expect;
using esockets::websocket::CloseReason;
using esockets::websocket::FrameDecoder;
using esockets::websocket::Opcode;
using Kind = FrameDecoder::Kind;

// Whole messages and control frames, "1payload" by their opcode; at last "!1002" of a mistake, or
// the Close, behind which nothing is read.
using Outcome = std::vector<std::string>;

std::string Named(Opcode opcode, std::string_view payload) {
  return std::string(1, "012345678CPQ"[static_cast<size_t>(opcode)]).append(payload);
}

// --- ours

// False: nothing follows.
bool NoteControl(const FrameDecoder::Event& event, Outcome* outcome) {
  const std::string_view payload(event.payload.data(), event.payload.size());
  if (event.opcode != Opcode::kClose) {
    outcome->push_back(Named(event.opcode, payload));
    return true;
  }
  std::string_view mistake;
  const CloseReason reason = esockets::websocket::ParseClose(payload, &mistake);
  // Registered since (RFC 6455, section 11.7), and unknown to wslay.
  const bool is_new = reason.status >= 1012 && reason.status <= 1014;
  outcome->emplace_back(mistake.empty() && !is_new ? "close" : "!close");
  return false;
}

// Each piece in memory of its own: what is touched outside of it is found.
Outcome Read(std::string_view bytes, size_t piece, bool may_compress) {
  Outcome outcome;
  FrameDecoder decoder(FrameDecoder::Peer::kClient, may_compress);
  std::string message;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    const std::string_view some = bytes.substr(at, piece);
    std::vector<char> memory(some.begin(), some.end());
    std::span<char> input(memory);
    for (;;) {
      const FrameDecoder::Event event = decoder.Next(&input);
      if (event.kind == Kind::kNothing) break;
      if (event.kind == Kind::kMistake) {
        Expect(!event.mistake.empty(), "a mistake without a name");
        outcome.push_back("!" + std::to_string(event.status));
        return outcome;
      }
      if (event.kind == Kind::kControl) {
        if (!NoteControl(event, &outcome)) return outcome;
        continue;
      }
      Expect(may_compress || !event.compressed, "compressed, without an agreement");
      Expect(!event.begins || message.empty(), "a message inside another");
      message.append(event.payload.data(), event.payload.size());
      if (!event.ends) continue;
      outcome.push_back(Named(event.opcode, message));
      message.clear();
    }
    Expect(input.empty(), "bytes are left lying");
  }
  return outcome;
}

// --- wslay's

struct Other {
  std::string_view input;
  std::string sent;     // its Close, of a mistake or as an answer
  std::string message;  // that has begun
  Opcode message_opcode = Opcode::kBinary;
  std::string control;
  Opcode frame = Opcode::kBinary;
  bool fin = false;
  Outcome outcome;
};

Other& Of(void* user) { return *static_cast<Other*>(user); }

ssize_t OnRecv(wslay_event_context* context, uint8_t* out, size_t size, int, void* user) {
  Other& other = Of(user);
  const size_t n = std::min(size, other.input.size());
  if (n == 0) {
    wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
    return -1;
  }
  std::memcpy(out, other.input.data(), n);
  other.input.remove_prefix(n);
  return static_cast<ssize_t>(n);
}

ssize_t OnSend(wslay_event_context*, const uint8_t* bytes, size_t size, int, void* user) {
  Of(user).sent.append(reinterpret_cast<const char*>(bytes), size);
  return static_cast<ssize_t>(size);
}

void OnFrame(wslay_event_context*, const wslay_event_on_frame_recv_start_arg* frame, void* user) {
  Other& other = Of(user);
  other.frame = static_cast<Opcode>(frame->opcode);
  other.fin = frame->fin != 0;
  other.control.clear();
  if (other.frame == Opcode::kText || other.frame == Opcode::kBinary) {
    other.message_opcode = other.frame;
  }
}

void OnChunk(wslay_event_context*, const wslay_event_on_frame_recv_chunk_arg* chunk, void* user) {
  Other& other = Of(user);
  std::string& payload =
      esockets::websocket::IsControl(other.frame) ? other.control : other.message;
  payload.append(reinterpret_cast<const char*>(chunk->data), chunk->data_length);
}

// Called for each message and control frame that is whole and valid.
void OnMessage(wslay_event_context*, const wslay_event_on_msg_recv_arg* message, void* user) {
  Other& other = Of(user);
  if (message->opcode == WSLAY_CONNECTION_CLOSE) {
    other.outcome.emplace_back("close");
  } else if (wslay_is_ctrl_frame(message->opcode)) {
    other.outcome.push_back(Named(other.frame, other.control));
  } else {
    other.outcome.push_back(Named(other.message_opcode, other.message));
    other.message.clear();
  }
}

Outcome ReadWithWslay(std::string_view bytes) {
  wslay_event_callbacks callbacks{};
  callbacks.recv_callback = OnRecv;
  callbacks.send_callback = OnSend;
  callbacks.on_frame_recv_start_callback = OnFrame;
  callbacks.on_frame_recv_chunk_callback = OnChunk;
  callbacks.on_msg_recv_callback = OnMessage;
  Other other{.input = bytes, .sent = {}, .message = {}, .control = {}, .outcome = {}};
  wslay_event_context_ptr context = nullptr;
  Expect(wslay_event_context_server_init(&context, &callbacks, &other) == 0, "no memory");
  wslay_event_config_set_no_buffering(context, 1);
  wslay_event_config_set_max_recv_msg_length(context, ~uint64_t{0} >> 1);
  // A wrong header makes it give up without a status.
  const bool gave_up = wslay_event_recv(context) != 0;
  const bool closed = !other.outcome.empty() && other.outcome.back() == "close";
  if (gave_up) {
    other.outcome.emplace_back("!1002");
  } else if (!closed && !wslay_event_get_read_enabled(context)) {
    Expect(wslay_event_send(context) == 0, "wslay does not send");
    // The last frame that it sends is a Close with the status.
    const std::string_view sent = other.sent;
    const size_t at = sent.rfind('\x88');
    Expect(at != std::string_view::npos && at + 4 <= sent.size(), "wslay does not say why");
    const int status = static_cast<uint8_t>(sent[at + 2]) << 8 | static_cast<uint8_t>(sent[at + 3]);
    const bool close = other.frame == Opcode::kClose;
    other.outcome.push_back(close ? "!close" : "!" + std::to_string(status));
  }
  wslay_event_context_free(context);
  return other.outcome;
}

bool HasMistake(const Outcome& outcome) { return !outcome.empty() && outcome.back()[0] == '!'; }

// Of several mistakes in one Close each tells another, and wslay takes one of a single byte; it
// knows of a header's mistake only with a byte behind it.
bool AreTheSame(Outcome ours, Outcome theirs, std::string_view bytes) {
  const bool bad_close = !ours.empty() && ours.back() == "!close";
  const bool ended = HasMistake(theirs) || (!theirs.empty() && theirs.back() == "close");
  // A reason is looked at by us when it is whole.
  const bool whole_close = !ours.empty() && ours.back() == "close";
  if (!HasMistake(ours) && !whole_close && !theirs.empty() && theirs.back() == "!close") {
    theirs.pop_back();
  }
  if (bad_close && ended) theirs.back() = "!close";
  const bool at_the_end = HasMistake(ours) && !HasMistake(theirs) &&
                          !HasMistake(Read(bytes.substr(0, bytes.size() - 4), bytes.size(), false));
  if (at_the_end) ours.pop_back();
  return ours == theirs;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Behind it, enough for any header that it begins: wslay reads them whole.
  const std::string bytes =
      std::string(reinterpret_cast<const char*>(data), size) + std::string(16, 'a');
  for (const bool may_compress : {false, true}) {
    const Outcome slow = Read(bytes, 1, may_compress);
    for (const size_t piece : {size_t{3}, size_t{64}, bytes.size()}) {
      Expect(Read(bytes, piece, may_compress) == slow, "what is read depends on how it is cut");
    }
    if (!may_compress)
      Expect(AreTheSame(slow, ReadWithWslay(bytes), bytes), "wslay reads another thing");
  }
  return 0;
}
