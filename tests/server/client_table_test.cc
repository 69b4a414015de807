#include "server/client_table.h"

#include <cstdint>
#include <vector>

#include "base/ref_counted.h"
#include "gtest/gtest.h"
#include "server/connection.h"
#include "server/connection_settings.h"
#include "server/event_loop.h"
#include "server/server_handler.h"
#include "server/unique_fd.h"

namespace esockets::server {
namespace {

// Connections without a socket: closed from the beginning.
class ClientTableTest : public testing::Test {
 protected:
  ClientPtr New(uint64_t id) {
    return base::MakeRefCounted<Connection>(Connection::Args{
        .loop = &loop, .fd = UniqueFd(), .id = id, .peer = {}, .settings = &settings});
  }
  std::vector<uint64_t> Ids() const {
    std::vector<uint64_t> ids;
    for (const auto& [id, client] : table.All()) {
      EXPECT_EQ(client->id(), id);
      ids.push_back(id);
    }
    return ids;
  }

  EventLoop loop{EventLoopOptions{}};
  ConnectionSettings settings;
  ClientTable table{2};
};

TEST_F(ClientTableTest, FindsOpenAndClosed) {
  const ClientPtr one = New(1);
  const ClientPtr two = New(2);
  table.Add(one.get());
  table.Add(two.get());
  EXPECT_TRUE(table.OnClosed(one.get()).empty());
  EXPECT_EQ(table.Find(1), one);
  EXPECT_EQ(table.Find(2), two);
  EXPECT_EQ(table.Find(3), nullptr);
  EXPECT_EQ(Ids(), (std::vector<uint64_t>{1, 2}));
}

TEST_F(ClientTableTest, ForgetsTheOldestOfTheClosed) {
  std::vector<ClientPtr> clients;
  for (uint64_t id = 1; id <= 4; ++id) {
    clients.push_back(New(id));
    table.Add(clients.back().get());
  }
  EXPECT_TRUE(table.OnClosed(clients[3].get()).empty());
  EXPECT_TRUE(table.OnClosed(clients[0].get()).empty());
  EXPECT_EQ(table.OnClosed(clients[1].get()), std::vector<ClientPtr>{clients[3]});
  EXPECT_EQ(Ids(), (std::vector<uint64_t>{1, 2, 3}));
}

TEST_F(ClientTableTest, ErasesWhatIsClosed) {
  const ClientPtr one = New(1);
  const ClientPtr two = New(2);
  table.Add(one.get());
  table.Add(two.get());
  EXPECT_EQ(table.EraseClosed(1), one) << "within its last callback";
  EXPECT_TRUE(table.OnClosed(one.get()).empty());
  EXPECT_EQ(Ids(), (std::vector<uint64_t>{2}));
  EXPECT_TRUE(table.OnClosed(two.get()).empty());
  EXPECT_EQ(table.EraseClosed(2), two);
  EXPECT_EQ(table.EraseClosed(2), nullptr);
  EXPECT_TRUE(Ids().empty());
}

}  // namespace
}  // namespace esockets::server
