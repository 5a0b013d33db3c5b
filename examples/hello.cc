// The example in the README: an elastic run that is cut off.
#include <einet/einet.h>

#include <cstdio>
#include <thread>
#include <vector>

int main(int argc, char** argv) try {
  auto model = einet::Model::load(argc > 1 ? argv[1] : "bundles/fashion-mnist-msdnet-elastic.einet");
  einet::Session session(model);
  std::vector<float> image(model->input_size(), 0.5f);  // [C,H,W], pixels in [0,1]

  const auto run = session.start(image);              // returns at once, runs on its own thread
  std::this_thread::sleep_for(model->horizon() / 2);  // … until something cuts it off
  session.interrupt(run);                             // stops at the next primitive

  if (einet::Answer answer = session.latest(run)) {
    std::printf("%s (%.0f %%) from exit %d\n", model->label_name(answer.label).c_str(), 100 * answer.confidence,
                answer.exit + 1);
  } else {
    std::puts("no answer yet");
  }
} catch (const einet::Error& error) {  // Only loading throws.
  std::fprintf(stderr, "hello: %s\n", error.what());
  return 1;
}
