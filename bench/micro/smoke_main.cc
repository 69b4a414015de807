// Runs benchmarks as a test: fails when one of them has reported a wrong result, or when the
// filter names none. Google Benchmark's own main succeeds in both cases.
#include <cstddef>
#include <cstdio>
#include <vector>

#include "benchmark/benchmark.h"

namespace {

class CheckingReporter final : public benchmark::ConsoleReporter {
 public:
  CheckingReporter() : ConsoleReporter(OO_None) {}

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) wrong_ += run.error_occurred ? 1 : 0;
    ConsoleReporter::ReportRuns(runs);
  }
  size_t wrong() const { return wrong_; }

 private:
  size_t wrong_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  CheckingReporter reporter;
  const size_t cases = benchmark::RunSpecifiedBenchmarks(&reporter);
  if (cases == 0) std::fputs("no case has that name\n", stderr);
  if (reporter.wrong() > 0) std::fprintf(stderr, "%zu cases were wrong\n", reporter.wrong());
  return cases > 0 && reporter.wrong() == 0 ? 0 : 1;
}
