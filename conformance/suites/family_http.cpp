// HTTP: framing, paths, methods, types.
#include <fmt/format.h>

#include <utility>

#include "conformance/judges/reading.hpp"
#include "conformance/peers/seal.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/http_cases.hpp"
#include "conformance/suites/slug.hpp"

namespace quickpay::conformance {

namespace {

std::vector<HttpCase> refusals() {
  return {
      {"unknown-path", "A path that is no message's is 404.", "HTTP 404",
       [](const HttpParts& p) {
         return http_assembled("POST /qp/1/micro/no-such-message HTTP/1.1", p.host_line() + kTypeLine + p.length(), p.body);
       }},
      {"query", "A path with a query is another path.", "HTTP 404",
       [](const HttpParts& p) {
         return http_assembled("POST " + p.path + "?x=1 HTTP/1.1", p.host_line() + kTypeLine + p.length(), p.body);
       }},
      {"upper-case-path", "A path is compared byte for byte.", "HTTP 404",
       [](const HttpParts& p) {
         return http_assembled("POST /QP/1" + p.path.substr(5) + " HTTP/1.1", p.host_line() + kTypeLine + p.length(), p.body);
       }},
      {"method", "Another method than POST is 405.", "HTTP 405",
       [](const HttpParts& p) {
         return http_assembled("PUT " + p.path + " HTTP/1.1", p.host_line() + kTypeLine + p.length(), p.body);
       }},
      {"content-type", "Another content type is 415.", "HTTP 415",
       [](const HttpParts& p) {
         return http_assembled(http_post_line(p), p.host_line() + "Content-Type: text/xml\r\n" + p.length(), p.body);
       }},
      {"charset", "Another charset is 415.", "HTTP 415",
       [](const HttpParts& p) {
         return http_assembled(http_post_line(p),
                          p.host_line() + "Content-Type: application/quickpay+xml; charset=utf-16\r\n" + p.length(),
                          p.body);
       }},
      {"coding", "A content coding is 415.", "HTTP 415",
       [](const HttpParts& p) {
         return http_assembled(http_post_line(p), p.host_line() + kTypeLine + "Content-Encoding: gzip\r\n" + p.length(), p.body);
       }},
      {"no-length", "Neither length nor chunks is 411.", "HTTP 411",
       [](const HttpParts& p) { return http_assembled(http_post_line(p), p.host_line() + kTypeLine, {}); }},
      {"both-lengths", "Length and chunks together are 400.", "HTTP 400",
       [](const HttpParts& p) {
         return http_assembled(http_post_line(p), p.host_line() + kTypeLine + p.length() + "Transfer-Encoding: chunked\r\n", p.body);
       }},
      {"length-twice", "A repeated length is 400.", "HTTP 400",
       [](const HttpParts& p) { return http_assembled(http_post_line(p), p.host_line() + kTypeLine + p.length() + p.length(), p.body); }},
      {"length-signed", "A length is a plain number.", "HTTP 400",
       [](const HttpParts& p) {
         return http_assembled(http_post_line(p), p.host_line() + kTypeLine + fmt::format("Content-Length: +{}\r\n", p.body.size()),
                          p.body);
       }},
      {"coding-unknown", "Another transfer coding is 400.", "HTTP 400",
       [](const HttpParts& p) {
         return http_assembled(http_post_line(p), p.host_line() + kTypeLine + "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n");
       }},
      {"old-version", "HTTP/1.0 is 505.", "HTTP 505",
       [](const HttpParts& p) {
         return http_assembled("POST " + p.path + " HTTP/1.0", p.host_line() + kTypeLine + p.length(), p.body);
       }},
      {"no-host", "A request without Host is 400.", "HTTP 400",
       [](const HttpParts& p) { return http_assembled(http_post_line(p), kTypeLine + p.length(), p.body); }},
      {"host-twice", "A request with two Hosts is 400.", "HTTP 400",
       [](const HttpParts& p) {
         return http_assembled(http_post_line(p), p.host_line() + p.host_line() + kTypeLine + p.length(), p.body);
       }},
      {"expectation", "An unknown expectation is 417.", "HTTP 417",
       [](const HttpParts& p) {
         return http_assembled(http_post_line(p), p.host_line() + kTypeLine + "Expect: wonders\r\n" + p.length(), p.body);
       }},
      {"too-large", "A body over the limit is 413.", "HTTP 413", [](const HttpParts& p) {
         return http_assembled(http_post_line(p), p.host_line() + kTypeLine + "Content-Length: 65537\r\n", std::string(65537, ' '));
       }}};
}

std::vector<HttpCase> legal_forms() {
  return {{"chunked", "A chunked body with extensions is read.", "",
           [](const HttpParts& p) { return post_bytes(p.host, p.path, p.body, {}, true); }},
          {"charset-utf8", "The parameter charset=UTF-8 is allowed in any case, also quoted.", "",
           [](const HttpParts& p) {
             return http_assembled(
                 http_post_line(p),
                 p.host_line() + "Content-Type: application/quickpay+xml; Charset=\"UTF-8\"\r\n" + p.length(), p.body);
           }},
          {"upgrade", "An offer to change the protocol is not taken up.", "",
           [](const HttpParts& p) {
             const std::string offer = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
             return http_assembled(http_post_line(p), p.host_line() + kTypeLine + offer + p.length(), p.body);
           }},
          {"override", "Headers that claim another method or path are not acted upon.", "",
           [](const HttpParts& p) {
             const std::string claim = "X-HTTP-Method-Override: DELETE\r\nX-Original-URL: /admin\r\nX-Rewrite-URL: /admin\r\n";
             return http_assembled(http_post_line(p), p.host_line() + kTypeLine + claim + p.length(), p.body);
           }},
          {"header-case", "Names of headers are compared without case.", "", [](const HttpParts& p) {
             return http_assembled(http_post_line(p),
                              "hOST: " + p.host + "\r\ncONTENT-tYPE: application/quickpay+xml\r\nCONTENT-LENGTH:" +
                                  std::to_string(p.body.size()) + "\r\n",
                              p.body);
           }}};
}

Reply send_raw(Session& session, const FamilyBase& base, const HttpCase& one) {
  World& world = session.world();
  Sending sending = base.valid(session);
  if (sending.document.name.empty()) {
    return {};
  }
  seal_request(world.plan(), sending.document);
  const Address& to = world.iut_address();
  const HttpParts parts{path_of(sending), fmt::format("{}:{}", to.address, to.port),
                    to_xml(sending.document)};
  sending.http = one.bytes(parts);
  sending.label = std::string(one.code).empty() ? std::string() : std::string("http ") + one.id;
  return world.send(std::move(sending));
}

constexpr std::size_t kSlowRequests = 16;

/// A right request in as many packets as it has bytes.
void trickled(Session& session, const FamilyBase& base, const std::string& check) {
  Sending sending = base.valid(session);
  if (sending.document.name.empty()) {
    return unreached(session, "a right request");
  }
  sending.trickle = true;
  judge_ok(session, check, session.world().send(std::move(sending)));
}

/// Requests that stop in their line, their headers, their body, each later than the one before, and go on no more.
std::vector<Sending> unending(Session& session, const FamilyBase& base) {
  const Address& to = session.world().iut_address();
  std::vector<Sending> all;
  for (std::size_t i = 1; i <= kSlowRequests; ++i) {
    Sending sending = base.valid(session);
    if (sending.document.name.empty()) {
      return {};
    }
    const HttpParts parts{path_of(sending), fmt::format("{}:{}", to.address, to.port), to_xml(sending.document)};
    const std::string whole = http_assembled(http_post_line(parts), parts.host_line() + kTypeLine + parts.length(), parts.body);
    sending.http = whole.substr(0, whole.size() * i / (kSlowRequests + 1));
    sending.label = "http never ends";
    all.push_back(std::move(sending));
  }
  return all;
}

/// All are made before one is sent: whoever serves the last one only when the others were given up serves it too late.
void never_ending(Session& session, const FamilyBase& base, const std::string& check) {
  std::vector<Sending> all = unending(session, base);
  const Sending right = base.valid(session);
  if (all.empty() || right.document.name.empty()) {
    return unreached(session, "a right request");
  }
  for (Sending& sending : all) {
    (void)session.world().begin(std::move(sending));
  }
  judge_ok(session, check, session.world().send(right));
}

void add_slow(Suite& suite, const FamilyBase& base) {
  suite.positive({.id = "http.trickle",
                  .title = "A request whose bytes come one by one is read.",
                  .subject = "steps 1 to 4",
                  .requirements = {"QP-TECH-010"},
                  .mutation = "HTTP:trickle",
                  .level_e = false},
                 [base, check = suite.name("http.trickle")](Session& s) { trickled(s, base, check); });
  suite.positive({.id = "http.never-ending",
                  .title = "Requests that never end keep nobody else from being served.",
                  .subject = "steps 1 to 4",
                  .requirements = {"QP-TECH-010"},
                  .mutation = "HTTP:never ending, 16 at once",
                  .level_e = false},
                 [base, check = suite.name("http.never-ending")](Session& s) { never_ending(s, base, check); });
}

}  // namespace

bool message_is_named(std::string_view message) {
  const codec::MessageType* type = message_type(message);
  return type != nullptr && !type->anonymous;
}

void add_http_family(Suite& suite, const FamilyBase& base) {
  std::vector<HttpCase> all = refusals();
  for (const std::vector<HttpCase>& more : {framing_refusals(), form_refusals()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  for (const HttpCase& one : all) {
    suite.refused({.id = std::string("http.") + one.id,
                   .title = one.title,
                   .subject = "steps 1 to 4",
                   .requirements = {"QP-TECH-010"},
                   .mutation = std::string("HTTP:") + one.id,
                   .twin = base.twin},
                  [base, one](Session& session) {
                    Refusal refusal;
                    refusal.stimulus = [&session, base, one]() { return send_raw(session, base, one); };
                    refusal.codes = {one.code};
                    refusal.benign = [&session, base]() { return base.benign(session); };
                    return refusal;
                  });
  }
  add_slow(suite, base);
  for (const HttpCase& one : legal_forms()) {
    const std::string id = std::string("http.") + one.id;
    suite.positive({.id = id,
                    .title = one.title,
                    .subject = "steps 1 to 4",
                    .requirements = {"QP-TECH-010"},
                    .mutation = std::string("HTTP:") + one.id},
                   [base, one, check = suite.name(id)](Session& session) {
                     judge_ok(session, check, send_raw(session, base, one));
                   });
  }
}

}  // namespace quickpay::conformance
