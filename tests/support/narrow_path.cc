#include "tests/support/narrow_path.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <thread>
#include <utility>

#include "base/strings.h"
#include "gtest/gtest.h"

namespace esockets::tests {
namespace {

server::UniqueFd OwnNamespace() {
  return server::UniqueFd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
}

// Nothing: we may not.
server::UniqueFd NewNamespace() {
  server::UniqueFd made;
  std::thread([&made] {
    if (::unshare(CLONE_NEWNET) == 0) made = OwnNamespace();
  }).join();
  return made;
}

// As `ip link` takes it.
std::string NameOf(const server::UniqueFd& there) {
  return base::StrCat("/proc/", ::getpid(), "/fd/", there.get());
}

// Commands, of which each must succeed. Returns what they said if one did not.
std::string RunAt(const server::UniqueFd& there, const std::string& commands) {
  const NarrowPath::Stay stay(there);
  const std::string script =
      "exec 2>&1; set -e; PATH=$PATH:/usr/sbin:/sbin; ip link set lo up\n" + commands;
  FILE* output = ::popen(script.c_str(), "r");
  if (output == nullptr) return "no shell";
  std::string said;
  std::array<char, 256> line;
  while (::fgets(line.data(), line.size(), output) != nullptr) said += line.data();
  return ::pclose(output) == 0 ? "" : base::StrCat("failed: ", said);
}

}  // namespace

NarrowPath::Stay::Stay(const server::UniqueFd& there) : home_(OwnNamespace()) {
  EXPECT_EQ(::setns(there.get(), CLONE_NEWNET), 0) << std::strerror(errno);
}

NarrowPath::Stay::~Stay() {
  EXPECT_EQ(::setns(home_.get(), CLONE_NEWNET), 0) << std::strerror(errno);
}

NarrowPath::NarrowPath(const Options& options)
    : client_(NewNamespace()), router_(NewNamespace()), broker_(NewNamespace()) {
  if (client_ && router_ && broker_) {
    Build(options);
  } else {
    why_not_ = "network namespaces need root";
  }
}

void NarrowPath::Build(const Options& options) {
  // Neighbours are told, not asked for: an answer could come too late on a busy machine.
  const std::string router = base::StrCat(
      "ip link add client address 02:00:00:00:01:01 type veth"
      " peer name eth0 address 02:00:00:00:01:02 netns ",
      NameOf(client_),
      "\n"
      "ip link add broker address 02:00:00:00:02:01 type veth"
      " peer name eth0 address 02:00:00:00:02:02 netns ",
      NameOf(broker_),
      "\n"
      "ip addr add 10.99.1.1/24 dev client; ip link set client up\n"
      "ip addr add 10.99.2.1/24 dev broker; ip link set broker up\n"
      "ip neigh add 10.99.1.2 lladdr 02:00:00:00:01:02 dev client nud permanent\n"
      "ip neigh add 10.99.2.2 lladdr 02:00:00:00:02:02 dev broker nud permanent\n"
      "echo 1 > /proc/sys/net/ipv4/ip_forward\n"
      "tc qdisc add dev client root ",
      options.queue);
  const std::string client =
      "ip addr add 10.99.1.2/24 dev eth0; ip link set eth0 up\n"
      "ip neigh add 10.99.1.1 lladdr 02:00:00:00:01:01 dev eth0 nud permanent\n"
      "ip route add default via 10.99.1.1";
  const std::string broker =
      base::StrCat("ip addr add ", kBrokerHost,
                   "/24 dev eth0; ip link set eth0 up\n"
                   "ip neigh add 10.99.2.1 lladdr 02:00:00:00:02:01 dev eth0 nud permanent\n"
                   "ip route add default via 10.99.2.1\n"
                   "echo ",
                   options.congestion_control, " > /proc/sys/net/ipv4/tcp_congestion_control");
  why_not_ = RunAt(router_, router);
  if (why_not_.empty()) why_not_ = RunAt(client_, client);
  if (why_not_.empty()) why_not_ = RunAt(broker_, broker);
}

}  // namespace esockets::tests
