#include "exec/lowering/arrangement.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

namespace einet::exec {
namespace {

using graph::Shape;
using Order = std::vector<std::size_t>;

// Location of the element at `index`, the sum over its dimensions.
std::int64_t place(const Arrangement& arrangement, const Shape& index) {
  std::int64_t at = 0;
  for (std::size_t d = 0; d < index.size(); ++d) at += arrangement.offset(d, index[d]);
  return at;
}

Shape index_of(std::int64_t number, const Shape& shape) {
  Shape index(shape.size());
  for (std::size_t d = shape.size(); d-- > 0; number /= shape[d]) index[d] = number % shape[d];
  return index;
}

TEST(Arrangement, RowMajor) {
  const Arrangement a = Arrangement::row_major({2, 3, 4});
  EXPECT_EQ(a.shape(), (Shape{2, 3, 4}));
  for (std::int64_t i = 0; i < 24; ++i) EXPECT_EQ(place(a, index_of(i, {2, 3, 4})), i);
}

TEST(Arrangement, ChannelsLast) {
  const Arrangement a = Arrangement::in_order(Shape{2, 3, 4, 5}, innermost(4, 1));
  EXPECT_EQ(innermost(4, 1), (Order{0, 2, 3, 1}));
  EXPECT_EQ(place(a, {1, 2, 3, 4}), 1 * 60 + 3 * 15 + 4 * 3 + 2);
}

TEST(Arrangement, DescribesAFlattenedMap) {
  const Arrangement map = Arrangement::in_order(Shape{2, 3, 4, 5}, innermost(4, 1));
  const auto flat = map.reshaped({2, 60});
  ASSERT_TRUE(flat);
  EXPECT_EQ(flat->offset(1, 0), 0);
  EXPECT_EQ(flat->offset(1, 1), 3);   // The next column of the same channel.
  EXPECT_EQ(flat->offset(1, 20), 1);  // The next channel.
  EXPECT_FALSE(*flat == Arrangement::row_major({2, 60}));
  EXPECT_EQ(flat->reshaped({2, 3, 4, 5}), map);
}

TEST(Arrangement, CannotDescribeEveryReshape) {
  const std::vector<std::size_t> turned = {1, 0};
  const Arrangement a = Arrangement::row_major({4, 6}).transposed(turned);  // [6,4]
  EXPECT_TRUE(a.reshaped({2, 3, 4}));
  EXPECT_TRUE(a.reshaped({24}));
  EXPECT_FALSE(a.reshaped({8, 3}));  // 8 is not a multiple of 6.
  EXPECT_EQ(Arrangement::row_major({2, 3}).reshaped({3, 2}), Arrangement::row_major({3, 2}));  // One run of six.
}

TEST(Arrangement, IgnoresSizesOfOne) {
  const Arrangement a = Arrangement::in_order(Shape{2, 3, 1, 1}, innermost(4, 1));
  EXPECT_EQ(a, Arrangement::row_major({2, 3, 1, 1}));
  EXPECT_EQ(Arrangement::row_major({}).shape(), Shape{});
  EXPECT_EQ(Arrangement::row_major({}).reshaped({1, 1}), Arrangement::row_major({1, 1}));
}

// By definition, reshaping keeps the number of an element in C order, and transposing permutes its index.
TEST(Arrangement, AgreesWithTheDefinitionAfterRandomSteps) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    Shape shape = {2, 3, 4, 6};
    Arrangement a = Arrangement::row_major(shape);
    std::vector<std::int64_t> places(144);  // Of the elements in the C order of `shape`.
    std::iota(places.begin(), places.end(), 0);
    for (int step = 0; step < 4; ++step) {
      if (random() % 2 == 0) {
        Order permutation(shape.size());
        std::iota(permutation.begin(), permutation.end(), 0);
        std::shuffle(permutation.begin(), permutation.end(), random);
        Shape turned;
        for (const std::size_t d : permutation) turned.push_back(shape[d]);
        std::vector<std::int64_t> after(places.size());
        for (std::int64_t i = 0; i < 144; ++i) {
          const Shape to = index_of(i, turned);
          Shape from(shape.size());
          for (std::size_t d = 0; d < permutation.size(); ++d) from[permutation[d]] = to[d];
          std::int64_t number = 0;
          for (std::size_t d = 0; d < shape.size(); ++d) number = number * shape[d] + from[d];
          after[static_cast<std::size_t>(i)] = places[static_cast<std::size_t>(number)];
        }
        a = a.transposed(permutation);
        shape = turned;
        places = after;
      } else {
        const std::vector<Shape> choices = {{144}, {12, 12}, {2, 72}, {9, 16}, {4, 3, 12}, {2, 2, 3, 12}, {24, 1, 6}};
        const Shape target = choices[random() % choices.size()];
        const auto reshaped = a.reshaped(target);
        if (!reshaped) continue;
        a = *reshaped;
        shape = target;
      }
      for (std::int64_t i = 0; i < 144; ++i) {
        ASSERT_EQ(place(a, index_of(i, shape)), places[static_cast<std::size_t>(i)]);
      }
    }
  }
}

TEST(Arrangement, DescribesPartsOfAValue) {
  // The second of three matrices [2,5], then every other column from the first.
  const Arrangement all = Arrangement::row_major({3, 2, 5});
  const auto matrix = all.selected(0, 1, 1, 1);
  ASSERT_TRUE(matrix);
  EXPECT_EQ(matrix->base(), 10);
  EXPECT_EQ(matrix->shape(), (graph::Shape{1, 2, 5}));
  const auto columns = matrix->reshaped({2, 5})->selected(1, 0, 2, 3);
  ASSERT_TRUE(columns);
  EXPECT_EQ(columns->shape(), (graph::Shape{2, 3}));
  EXPECT_EQ(columns->base() + columns->offset(0, 1) + columns->offset(1, 2), 19);
  EXPECT_FALSE(all.selected(0, 2, -1, 3));
  // A single position of a dimension with two factors can be described, several cannot.
  const std::vector<std::size_t> turned = {1, 0, 2};
  const auto joined = all.transposed(turned).reshaped({6, 5});
  ASSERT_TRUE(joined);
  EXPECT_FALSE(joined->selected(0, 1, 1, 2));
  EXPECT_EQ(joined->selected(0, 4, 1, 1)->base(), 15);
}

}  // namespace
}  // namespace einet::exec
