// quickpay: the one command line.
#include <cstdio>

#include "tools/quickpay/commands.hpp"

#ifndef QP_VERSION
#define QP_VERSION "0"
#endif

int main(int argc, char** argv) {
  using namespace quickpay::cli;
  CommandLine line;
  line.app.require_subcommand(1);
  line.app.set_version_flag("--version", "quickpay " QP_VERSION);
  line.program = argc > 0 ? argv[0] : line.program;
  add_certify(line);
  add_init_adapter(line);
  add_check_adapter(line);
  add_repro(line);
#ifdef QP_HAVE_INTEROP
  add_interop(line);
#ifdef QP_HAVE_REFERENCE_ADAPTER
  add_demo(line);
#endif
#endif
  add_certificates(line);
  add_reports(line);
#ifdef QP_HAVE_REFERENCE_ADAPTER
  add_reference_adapter(line);
#endif
#ifdef QP_HAVE_DAEMON
  add_serve(line);
  add_audit(line);
  add_paycard(line);
#endif
#ifdef QP_HAVE_CHECK
  add_check(line);
#endif
  add_spec(line);
  add_trace(line);
#ifdef QP_HAVE_VECTORS
  add_vectors(line);
#endif
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return line.app.exit(error) == 0 ? 0 : kUsage;
  }
  return line.chosen ? line.chosen() : kUsage;
}
