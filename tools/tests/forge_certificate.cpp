// A dishonest issuer: signs whatever a results folder says, which `quickpay certify` would refuse to sign.
//   forge_certificate CERTIFICATE KEY FOLDER: the certificate's claims, and the counts and results of the folder
#include <cstdio>

#include "conformance/certificate/envelope.hpp"
#include "conformance/certificate/keys.hpp"
#include "conformance/certificate/manifest.hpp"

namespace {

using namespace quickpay::conformance;

/// All checks of a report count as its counts say.
Json forged(Json payload, const Json& report, const std::vector<FileDigest>& files) {
  for (const char* member : {"seed", "started", "counts"}) {
    payload[member] = report.at(member);
  }
  payload["results"] = {{"files", files.size()}, {"root", root_of(files)}};
  return payload;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    return 2;
  }
  const std::filesystem::path folder(argv[3]);
  const auto text = read_file(argv[1], kMaxCertificateBytes);
  const auto key = read_private_key(argv[2]);
  const auto files = result_digests(folder);
  const auto report = read_file(folder / "report.json", kMaxResultBytes);
  const auto opened = text ? open_envelope(kCertificateType, *text) : tl::unexpected(text.error());
  if (!opened || !key || !files || !report) {
    return 2;
  }
  const auto certificate = sign_payload(kCertificateType, forged(opened->payload, Json::parse(*report), *files), *key);
  return certificate && write_file(folder / kCertificateName, *certificate) ? 0 : 1;
}
