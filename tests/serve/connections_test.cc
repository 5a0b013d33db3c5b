#include "serve/rest/connections.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace einet::serve {
namespace {

using namespace std::chrono_literals;

struct FakeConnection final : Connections::Connection {
  void close() override { ++closed; }
  int closed = 0;
};

TEST(Connections, TheOneThatHasWaitedLongestMakesRoom) {
  Connections connections(3);
  std::vector<std::shared_ptr<FakeConnection>> made;
  std::vector<Connections::Place> places;
  const auto add = [&] {
    made.push_back(std::make_shared<FakeConnection>());
    places.push_back(connections.add(made.back()));
  };
  for (int i = 0; i < 3; ++i) add();
  connections.set_busy(places[0]);  // 1 has waited longest now.
  connections.set_busy(places[2]);
  connections.set_waiting(places[2]);
  add();
  EXPECT_EQ(made[0]->closed, 0) << "busy";
  EXPECT_EQ(made[1]->closed, 1);
  EXPECT_EQ(made[2]->closed, 0);
  add();  // 1 may not be gone yet, but makes no room a second time.
  EXPECT_EQ(made[1]->closed, 1);
  EXPECT_EQ(made[2]->closed, 1);
  connections.remove(places[1]);
  connections.set_busy(places[2]);  // It has received a request before it was closed.
  connections.set_waiting(places[2]);
  add();
  EXPECT_EQ(made[2]->closed, 1);
  EXPECT_EQ(made[3]->closed, 1);
  EXPECT_EQ(made[4]->closed, 0);
}

TEST(Connections, ANewOneClosesIfAllOthersAreBusy) {
  Connections connections(1);
  const auto busy = std::make_shared<FakeConnection>(), late = std::make_shared<FakeConnection>();
  connections.set_busy(connections.add(busy));
  connections.add(late);
  EXPECT_EQ(busy->closed, 0);
  EXPECT_EQ(late->closed, 1);
}

TEST(Connections, WaitsForBusyOnes) {
  Connections connections(8);
  const auto connection = std::make_shared<FakeConnection>();
  const auto place = connections.add(connection);
  EXPECT_TRUE(connections.wait_until_idle(0ms));
  connections.set_busy(place);
  EXPECT_FALSE(connections.wait_until_idle(1ms));
  connections.remove(place);
  EXPECT_TRUE(connections.wait_until_idle(0ms));
}

}  // namespace
}  // namespace einet::serve
