#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "bundle/bundle.h"
#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/parse.h"
#include "cli/progress_line.h"
#include "cli/rescue.h"
#include "cli/sample_options.h"
#include "cli/timing_options.h"
#include "core/utc_time.h"
#include "einet/error.h"
#include "eval/held_out_images.h"
#include "eval/live/live.h"
#include "eval/page/demo_page.h"
#include "io/file.h"

namespace einet::cli {
namespace {

struct DemoArguments {
  std::string bundle, output = "demo.html", directory;
  std::string budget = "60s";
  eval::LiveOptions live;
  bool json = false;
};

/// The bundle shipped with EINet: in the source tree, or next to an installed einet.
std::filesystem::path shipped_bundle() {
  const std::filesystem::path name = "bundles/fashion-mnist-msdnet-elastic.einet";
  std::error_code error;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  for (const auto& path : {name, here / "../share/einet" / name}) {
    if (std::filesystem::exists(path, error)) return path;
  }
  throw Error(ErrorKind::kNotFound, name.string(),
              "not found; give a bundle, or run the command in the source folder of EINet");
}

std::string command(const DemoArguments& o) {
  return "einet demo " + (o.bundle.empty() ? "" : o.bundle + " ") + "--images " + std::to_string(o.live.images) +
         " --seed " + std::to_string(o.live.seed);
}

void run(DemoArguments& o) {
  o.live.budget = parse_duration(o.budget);
  io::check_output(o.output);
  const auto path = o.bundle.empty() ? shipped_bundle() : std::filesystem::path(o.bundle);
  const bundle::Bundle bundle = bundle::load_bundle(path);
  if (!o.json) {
    std::cout << "Loaded " << path.string() << ": " << bundle.exits() << " exits.\n"
              << "Cutting off real runs on " << o.live.images
              << " test images, each method at the same random moment …\n"
              << std::flush;
  }
  eval::LiveResult result;
  {
    ProgressLine progress;
    result = eval::evaluate_live(bundle, eval::held_out_images(bundle, o.directory, print_note), o.live, progress);
  }
  print_notes(result.notes);
  const eval::DemoRun about{.date = utc_time(), .version = EINET_VERSION, .command = command(o), .seed = o.live.seed};
  if (o.json) {
    print_json(eval::to_json(result.report));
  } else {
    std::cout << eval::to_table(result.report);
    if (result.images < o.live.images) {
      std::cout << "Stopped after " << o.budget << ", with " << result.images << " images (--budget)\n";
    }
    std::cout << std::flush;
  }
  save_or_rescue(o.output,
                 [&](const std::filesystem::path& page) { eval::write_demo_page(result, bundle.labels, about, page); });
  if (!o.json) std::cout << "Wrote " << o.output << ": accuracy against the cut-off, and one image in detail.\n";
}

}  // namespace

void add_demo(CLI::App& app) {
  CLI::App* sub =
      app.add_subcommand("demo", "One-minute demonstration: cut off live runs, print a table and write a page");
  auto o = std::make_shared<DemoArguments>();
  sub->add_option("bundle", o->bundle, "Bundle; default: the one shipped with EINet");
  sub->add_option("-o,--output", o->output, "Page to write");
  sub->add_option("--images", o->live.images, "Number of images")->check(CLI::Range(1, 1 << 30));
  sub->add_option("--seed", o->live.seed, "Seed of the images and cut-offs");
  sub->add_option("--budget", o->budget, "Stop after about this time, with fewer images");
  add_directory_option(*sub, o->directory);
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] { run(*o); });
}

}  // namespace einet::cli
