// `quickpay certify` without its command line: options in, reports and an exit code out.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/model/scenario.hpp"
#include "conformance/report/report.hpp"
#include "conformance/run/rollup.hpp"
#include "conformance/run/runner.hpp"

namespace quickpay::conformance {

struct CertifyOptions {
  std::string role;
  bool reference = false;   ///< exactly one of these three or by_hand, unless only a list is asked for
  std::string adapter;
  std::string endpoint;
  std::string fixture;      ///< file; with endpoint
  std::string protocols;    ///< comma list; empty: all
  std::string profile = "F";
  std::string select;
  std::string trail;  ///< file of the trail whose scenario was added to the suite; said where a failure is to be repeated
  std::optional<std::uint64_t> seed;  ///< none: drawn
  std::size_t jobs = 0;               ///< 0: as many as processors
  std::string baseline;     ///< file
  std::string out;          ///< folder; empty: no files
  std::string trace;        ///< folder for the steps that the reference makes; empty: none
  std::string sign;         ///< file of the key that signs a certificate; empty: none is asked for
  std::vector<std::string> artefacts;  ///< with sign: files and folders of the implementation
  std::string challenge;    ///< with sign: file; gives the seed
  std::string log;          ///< with sign: file to which the certificate is added
  bool list = false;
  bool fail_fast = false;             ///< end at the first failure that counts; never certifiable
  std::string first;                  ///< like select, but not smoke: played before all others
  std::string pause_before;           ///< glob of scenarios; one worker, and `pause` is called before each of them
  std::function<void(const std::string& why)> pause;  ///< says why and comes back when it may go on
  int patience = 1;                   ///< all time limits are so many times as long
  bool by_hand = false;               ///< instead of an implementation: a person, asked through `person`
  Person person;
  std::function<void(const RunResult&)> on_result;    ///< before reports are written
  std::string self;         ///< this program, for --reference
  bool terminal = false;    ///< progress is a bar that overwrites itself, not lines
  bool colour = false;
};

/// What `main` wires: the suites, the players, the specification.
struct CertifyParts {
  std::function<std::vector<Scenario>(std::string_view role)> suite;
  WorldFactory worlds;
  SpecFacts spec;
};

struct CertifyEnd {
  ExitCode code = ExitCode::usage;
  bool threads_left = false;  ///< a scenario hangs: end the process by std::_Exit
};

/// Certifies and writes what a person reads to `out`, what is wrong with the options to `err`.
/// The process must ignore SIGPIPE. `stop` may be set at any time, from a signal handler too.
CertifyEnd certify(const CertifyOptions& options, const CertifyParts& parts, std::ostream& out, std::ostream& err,
                   const std::atomic<bool>* stop);

}  // namespace quickpay::conformance
