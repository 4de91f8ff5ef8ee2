// HTTP that is malformed on purpose, in both directions: requests to a server, answers to a client.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace quickpay::conformance {

/// A valid request taken apart.
struct HttpParts {
  std::string path;
  std::string host;
  std::string body;
  std::string length() const;     ///< the header line that states the body's length
  std::string host_line() const;  ///< the header line Host
};

/// One way to send a request.
struct HttpCase {
  const char* id;
  const char* title;
  const char* code;  ///< of the refusal; empty: the form is legal
  std::function<std::string(const HttpParts&)> bytes;
};

inline constexpr const char* kTypeLine = "Content-Type: application/quickpay+xml\r\n";

std::string http_assembled(const std::string& line, const std::string& headers, const std::string& body);
/// The request line of a POST.
std::string http_post_line(const HttpParts& parts);

/// Framings that no server may guess the meaning of: attackers and proxies would guess otherwise.
std::vector<HttpCase> framing_refusals();
/// Forms of lines, methods, versions, paths and types that are refused, and sizes.
std::vector<HttpCase> form_refusals();

/// One way to damage a right answer. Whoever looked for the document alone would find it.
struct AnswerCase {
  const char* id;
  const char* title;
  std::function<std::string(const std::string& good)> damage;  ///< of the whole HTTP response
};

/// Answers that are none: the outcome stays unknown to the client.
const std::vector<AnswerCase>& damaged_answers();

}  // namespace quickpay::conformance
