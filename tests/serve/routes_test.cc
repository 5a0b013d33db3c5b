#include "serve/rest/routes.h"

#include <gtest/gtest.h>

namespace einet::serve {
namespace {

TEST(Routes, OfTheProtocol) {
  const auto path = [](std::string_view target) { return find_route(target).value().path; };
  EXPECT_EQ(path("/"), Path::kPage);
  EXPECT_EQ(path("/metrics"), Path::kMetrics);
  EXPECT_EQ(path("/v2"), Path::kServer);
  EXPECT_EQ(path("/v2/health/live"), Path::kLive);
  EXPECT_EQ(path("/v2/health/ready?verbose"), Path::kReady);
  EXPECT_EQ(path("/v2/models/net"), Path::kModel);
  EXPECT_EQ(path("/v2/models/net/ready"), Path::kModelReady);
  EXPECT_EQ(path("/v2/models/net/infer"), Path::kInfer);
  const Route route = find_route("/v2/models/net/versions/1/infer").value();
  EXPECT_EQ(route.path, Path::kInfer);
  EXPECT_EQ(route.model, "net");
  EXPECT_EQ(route.version, "1");
  EXPECT_EQ(find_route("/v2/models/net/versions/7").value().version, "7");
  EXPECT_EQ(find_route("/v2/models/my%20n%C3%a9t/infer").value().model, "my n\xC3\xA9t");
  EXPECT_EQ(find_route("/v2/models/a%2Fb").value().model, "a/b");
  EXPECT_EQ(method_of(Path::kInfer), "POST");
  EXPECT_EQ(method_of(Path::kLive), "GET");
}

TEST(Routes, OtherTargetsHaveNone) {
  for (const char* const target : {"",
                                   "v2",
                                   "*",
                                   "//",
                                   "/v2/",
                                   "/v2/health",
                                   "/v2/health/live/",
                                   "/v2/models",
                                   "/v2/models/",
                                   "/v2/models//infer",
                                   "/v2/models/net/",
                                   "/v2/models/net/other",
                                   "/v2/models/net/infer/",
                                   "/v2/models/net/versions",
                                   "/v2/models/net/versions/",
                                   "/v2/models/net/versions//infer",
                                   "/v2/models/net/versions/1/infer/x",
                                   "/v3/models/net",
                                   "/v2/models/net%",
                                   "/v2/models/net%4",
                                   "/v2/models/net%4g",
                                   "/v2/models/net%-1/infer",
                                   "?",
                                   "/../v2",
                                   "http://host/v2"}) {
    EXPECT_FALSE(find_route(target)) << target;
  }
}

}  // namespace
}  // namespace einet::serve
