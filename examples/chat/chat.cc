// A chat in the terminal. Rooms are topics, "chat/ROOM"; the payload of a message is what was said,
// its header "nick" who said it, and a header "notice" marks what happened instead (README.md).
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "CLI/CLI.hpp"
#include "base/strings.h"
#include "clients/cpp/client.h"
#include "examples/chat/terminal.h"

namespace esockets::chat {
namespace {

using base::StrAppend;
using base::StrCat;
using client::MessageView;
using client::State;

constexpr std::string_view kHelp = "/join ROOM, /nick NAME, /who, /rooms, /quit; all else is said";
// A question to everybody; each answers to its reply_to.
constexpr std::string_view kWhoTopic = "chat-who";
// The broker's code: nothing of what was said is kept.
constexpr uint32_t kNotInStream = 124;
// Of those who are there, when they are named.
constexpr size_t kNamesMax = 20;
// Of what was said before one comes.
constexpr uint64_t kHistoryMessages = 20;

// "14:05 ", if the broker says when it took the message.
std::string ClockTime(uint64_t time_us) {
  if (time_us == 0) return "";
  const auto seconds = static_cast<std::time_t>(time_us / 1'000'000);
  std::tm local{};
  char text[8];
  ::localtime_r(&seconds, &local);
  std::strftime(text, sizeof(text), "%H:%M ", &local);
  return text;
}

std::string Header(const MessageView& message, std::string_view name) {
  for (const auto& [key, value] : message.headers) {
    if (key == name) return Terminal::Printable(value);
  }
  return "";
}

class Chat {
 public:
  Chat(Terminal* terminal, std::string nick) : terminal_(terminal), nick_(std::move(nick)) {}

  absl::Status Connect(client::ClientOptions options) {
    auto connected = client::Client::Connect(std::move(options), Events());
    if (!connected.ok()) return connected.status();
    client_ = *std::move(connected);
    inbox_ = StrCat(kWhoTopic, "/", client_->client_id());
    const auto who = client_->Subscribe(kWhoTopic, {}, [this](const MessageView& question) {
      Publish(std::string(question.reply_to), room(), "is in");
    });
    const auto here = client_->Subscribe(inbox_, {}, [this](const MessageView& answer) {
      Notice(StrCat(Header(answer, "nick"), " is in ", Terminal::Printable(answer.payload)));
    });
    return who.ok() ? here.status() : who.status();
  }

  // Enters the room, and leaves the one before.
  void Join(const std::string& room) {
    if (room.empty() || room.find_first_of("/+#") != std::string::npos) {
      return Notice("a room is a word without / + #");
    }
    if (room == room_) return Notice("that is where you are");
    auto subscription = Subscribe(StrCat("chat/", room));
    if (!subscription.ok()) return Notice(base::Message(subscription.status()));
    Leave();
    subscription_ = *std::move(subscription);
    {
      const std::lock_guard lock(mutex_);
      room_ = room;
    }
    terminal_->SetPrompt(StrCat(room, "> "));
    Watch(StrCat("chat/", room));
    // With presence the broker tells the others.
    if (watch_ == nullptr) Tell(StrCat("has joined ", room), "join");
  }

  // What was typed: a command, or something to say. False: /quit.
  bool Handle(const std::string& line) {
    const std::string command = line.substr(0, line.find(' '));
    const std::string rest = line.substr(std::min(command.size() + 1, line.size()));
    if (command == "/quit") return false;
    if (command == "/join") {
      Join(rest);
    } else if (command == "/nick") {
      Rename(rest);
    } else if (command == "/who") {
      watch_ == nullptr ? Notice("this broker does not tell who is here") : ShowMembers();
    } else if (command == "/rooms") {
      Publish(std::string(kWhoTopic), "", "question", inbox_);
    } else if (line.starts_with("/")) {
      Notice(kHelp);
    } else if (!line.empty()) {
      Tell(line);
    }
    return true;
  }

  void Quit() {
    Leave();
    const absl::Status closed = client_->Close(std::chrono::seconds(2));
    if (!closed.ok()) Notice(base::Message(closed));
  }

 private:
  client::ClientEvents Events() {
    client::ClientEvents events;
    events.on_state_change = [this](State state, const absl::Status& reason) {
      if (state == State::kConnected && std::exchange(lost_, false)) Notice("connected again");
      if (state == State::kWaiting && !std::exchange(lost_, true)) {
        Notice(StrCat("connection lost, trying again: ", base::Message(reason)));
      }
      if (state == State::kClosed && !reason.ok()) {
        Notice(base::Message(reason));
        ::kill(::getpid(), SIGTERM);  // ends ReadLine
      }
    };
    events.on_gap = [this](const client::Gap& gap) {
      Notice(StrCat(gap.messages, " messages were lost: this terminal was too slow"));
    };
    events.on_resumed = [this](const client::StreamStart& resumed) {
      Notice(resumed.recovered ? "nothing was missed"
                               : "what was said meanwhile is not all there any more");
    };
    events.on_error = [this](const absl::Status& error) { Notice(base::Message(error)); };
    return events;
  }

  // With what was said last, if the broker keeps it; then this terminal may also stop and read on.
  absl::StatusOr<std::shared_ptr<client::Subscription>> Subscribe(const std::string& topic) {
    const auto hear = [this](const MessageView& message) { Hear(message); };
    auto subscription = client_->Subscribe(
        topic,
        {.overflow = client::Overflow::kReplay, .start = client::Start::Last(kHistoryMessages)},
        hear);
    if (client::BrokerCode(subscription.status()) != kNotInStream) return subscription;
    return client_->Subscribe(topic, {}, hear);
  }

  // Who is in the room, if the broker tells.
  void Watch(const std::string& topic) {
    auto watch = client_->WatchPresence(
        topic, [this](const client::PresenceNews& news) { OnPresence(news); });
    if (watch.ok()) watch_ = *std::move(watch);
  }

  void OnPresence(const client::PresenceNews& news) {
    for (const auto& member : news.joined) {
      const std::string name = Terminal::Printable(member.name);
      const bool is_new = SetMember(member.client_id, name);
      if (is_new && !news.first) Notice(StrCat(name, " has joined"));
    }
    for (const auto& member : news.left) {
      if (SetMember(member.client_id, "")) {
        Notice(StrCat(Terminal::Printable(member.name), " has left"));
      }
    }
    if (!news.first) return;
    Notice(StrCat(nick(), " has joined ", room()));
    ShowMembers();
  }

  // Without a name it is not there. True: that has changed. This client itself is not among them.
  bool SetMember(const std::string& client_id, const std::string& name) {
    if (client_id == client_->client_id()) return false;
    const std::lock_guard lock(mutex_);
    const bool was_here = members_.erase(client_id) > 0;
    if (!name.empty()) members_[client_id] = name;
    return was_here == name.empty();
  }

  void ShowMembers() const {
    std::string line;
    {
      const std::lock_guard lock(mutex_);
      line = StrCat(members_.size() + 1, " here: ", nick_);
      size_t left = kNamesMax;
      for (const auto& [id, name] : members_) {
        StrAppend(&line, left == 0 ? " ..." : " " + name);
        if (left-- == 0) break;
      }
    }
    Notice(line);
  }

  void Hear(const MessageView& message) {
    const std::string nick = terminal_->Colored(Header(message, "nick"));
    const std::string text = Terminal::Printable(message.payload);
    const bool notice = !Header(message, "notice").empty();
    terminal_->Print(StrCat(terminal_->Dim(ClockTime(message.time_us)), notice ? "* " : "", nick,
                            notice ? " " : ": ", text));
  }

  void Rename(const std::string& nick) {
    if (nick.empty() || nick.find(' ') != std::string::npos) return Notice("a nick is one word");
    Tell(StrCat("is now ", nick), "nick");
    const std::lock_guard lock(mutex_);
    nick_ = nick;
  }

  void Leave() {
    if (subscription_ == nullptr) return;
    const bool is_watched = std::exchange(watch_, nullptr) != nullptr;
    subscription_->Unsubscribe();
    if (!is_watched) Tell("has left", "leave");
    const std::lock_guard lock(mutex_);
    members_.clear();
  }

  void Tell(std::string_view text, std::string_view notice = "") {
    Publish(StrCat("chat/", room()), text, notice);
  }

  void Publish(const std::string& topic, std::string_view payload, std::string_view notice,
               std::string_view reply_to = "") {
    client::PublishOptions options{.reply_to = std::string(reply_to)};
    options.headers.emplace_back("nick", nick());
    if (!notice.empty()) options.headers.emplace_back("notice", notice);
    const absl::Status published = client_->Publish(topic, payload, options);
    if (!published.ok()) Notice(base::Message(published));
  }

  void Notice(std::string_view text) const { terminal_->Print(terminal_->Dim(StrCat("* ", text))); }

  std::string nick() const {
    const std::lock_guard lock(mutex_);
    return nick_;
  }
  std::string room() const {
    const std::lock_guard lock(mutex_);
    return room_;
  }

  Terminal* const terminal_;
  std::string inbox_;
  std::shared_ptr<client::Subscription> subscription_;
  std::unique_ptr<client::PresenceWatch> watch_;  // null: the broker does not tell who is there
  bool lost_ = false;                             // the connection; of the client's loop

  mutable std::mutex mutex_;  // guards what follows, which the client's loop reads
  std::string nick_;
  std::string room_;
  std::map<std::string, std::string> members_;  // the others: names by client id

  std::unique_ptr<client::Client> client_;  // last: ends before what its callbacks use
};

int Main(int argc, char** argv) {
  CLI::App cli("A chat in the terminal. Rooms are topics of the broker.", "chat");
  client::ClientOptions options{.connect_timeout = std::chrono::seconds(3)};
  const char* user = std::getenv("USER");
  std::string nick = user != nullptr ? user : "guest", room = "lobby";
  cli.add_option("--nick", nick, "how the others see you")->capture_default_str();
  cli.add_option("--room", room, "where to start")->capture_default_str();
  cli.add_option("--broker", options.address, "address of the broker")->capture_default_str();
  if (const char* token = std::getenv("ESOCKETS_TOKEN")) options.token = token;
  CLI11_PARSE(cli, argc, argv);
  options.name = nick;
  // Who comes back after a lost connection is the same one.
  std::random_device random;
  options.client_id = StrCat("chat-", random(), "-", random());

  Terminal terminal;  // before the client's thread, for the signals
  Chat chat(&terminal, nick);
  const absl::Status connected = chat.Connect(options);
  if (!connected.ok()) {
    std::cerr << "chat: " << options.address << ": " << base::Message(connected) << "\n";
    return 1;
  }
  terminal.Print(terminal.Dim(kHelp));
  chat.Join(room);
  std::optional<std::string> line = terminal.ReadLine();
  while (line.has_value() && chat.Handle(*line)) line = terminal.ReadLine();
  chat.Quit();
  return 0;
}

}  // namespace
}  // namespace esockets::chat

// What nobody expects shall end the program. NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) { return esockets::chat::Main(argc, argv); }
