#include "bundle/example.h"
#include "expect_error.h"
#include "predict/predictor.h"

namespace einet::bundle {
namespace {

TEST(Beliefs, AreThoseOfTheFit) {
  Bundle bundle = example_bundle();
  EXPECT_EQ(bundle.beliefs().shrinkage, 0.1);
  EXPECT_EQ(bundle.beliefs().prior, (std::vector<double>{2.0 / 3.0, 1.0}));
  ASSERT_NE(bundle.predictor(), nullptr);
  EXPECT_EQ(bundle.predictor()->exits(), 2);
  bundle.fit->beliefs.shrinkage = 0.0;
  EXPECT_EQ(bundle.predictor(), nullptr);
}

TEST(Beliefs, WithoutAFitAreTheAccuraciesOfTheExits) {
  Bundle bundle = example_bundle();
  bundle.fit.reset();
  bundle.confidences = profile::CsProfile{2, {0, 1, 2, 2}, {0, 0, 1, 0, 2, 2, 0, 2}, std::vector<float>(8, 0.5f)};
  const predict::BeliefParameters beliefs = bundle.beliefs();
  EXPECT_EQ(beliefs.shrinkage, 0.0);
  EXPECT_EQ(beliefs.prior, (std::vector<double>{0.75, 0.75}));
  EXPECT_NO_THROW(beliefs.validate("beliefs"));
  EXPECT_EQ(bundle.predictor(), nullptr);
}

TEST(Beliefs, NeedAFitOrAProfile) {
  Bundle bundle = example_bundle();
  bundle.confidences.reset();
  EXPECT_EQ(bundle.beliefs().shrinkage, 0.1);
  bundle.fit.reset();
  expect_error(ErrorKind::kNotFound, "tiny: has no CS-profile; run einet profile with --data",
               [&] { bundle.beliefs(); });
  expect_error(ErrorKind::kNotFound, "tiny: has no CS-profile", [&] { bundle.measured_confidences(); });
}

}  // namespace
}  // namespace einet::bundle
