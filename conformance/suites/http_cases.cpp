#include "conformance/suites/http_cases.hpp"

#include <fmt/format.h>

namespace quickpay::conformance {

namespace {

constexpr std::size_t kLongLine = 20'000;       ///< bytes; more than all headers may have
constexpr std::size_t kManyFields = 400;        ///< headers of one message; more than anybody needs
constexpr std::size_t kLongBody = 300 << 10;    ///< bytes; more than any answer may have

HttpCase with_headers(const char* id, const char* title, const char* code, std::function<std::string(const HttpParts&)> headers) {
  return {id, title, code, [headers = std::move(headers)](const HttpParts& p) {
            return http_assembled(http_post_line(p), p.host_line() + headers(p), p.body);
          }};
}

/// A body in chunks that are written as `chunks` says.
HttpCase with_chunks(const char* id, const char* title, const char* code, std::function<std::string(const HttpParts&)> chunks) {
  return {id, title, code, [chunks = std::move(chunks)](const HttpParts& p) {
            return http_assembled(http_post_line(p), p.host_line() + kTypeLine + "Transfer-Encoding: chunked\r\n", chunks(p));
          }};
}

/// A transfer coding that is not plainly `chunked`, before a body that is.
HttpCase with_coding(const char* id, const char* title, const char* line) {
  return {id, title, "HTTP 400", [line](const HttpParts& p) {
            return http_assembled(http_post_line(p), p.host_line() + kTypeLine + line + "\r\n",
                                  fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", p.body.size(), p.body));
          }};
}

HttpCase with_length(const char* id, const char* title, std::function<std::string(std::size_t)> value) {
  return {id, title, "HTTP 400", [value = std::move(value)](const HttpParts& p) {
            return http_assembled(http_post_line(p), p.host_line() + kTypeLine + "Content-Length: " + value(p.body.size()) + "\r\n", p.body);
          }};
}

HttpCase with_line(const char* id, const char* title, const char* code, std::function<std::string(const HttpParts&)> line) {
  return {id, title, code, [line = std::move(line)](const HttpParts& p) {
            return http_assembled(line(p), p.host_line() + kTypeLine + p.length(), p.body);
          }};
}

/// A path that means the right one only to who normalises it.
HttpCase with_path(const char* id, const char* title, std::function<std::string(std::string)> path) {
  return with_line(id, title, "HTTP 404", [path = std::move(path)](const HttpParts& p) { return "POST " + path(p.path) + " HTTP/1.1"; });
}

HttpCase with_field(const char* id, const char* title, std::string field) {
  return with_headers(id, title, "HTTP 400", [field = std::move(field)](const HttpParts& p) { return kTypeLine + p.length() + field + "\r\n"; });
}

HttpCase with_type(const char* id, const char* title, const char* lines) {
  return with_headers(id, title, "HTTP 415", [lines](const HttpParts& p) { return std::string(lines) + p.length(); });
}

std::string before_last_slash(const std::string& path, const std::string& inserted) {
  const std::size_t slash = path.rfind('/');
  return path.substr(0, slash) + inserted + path.substr(slash);
}

// ---------------------------------------------------------------- answers
std::string body_of(const std::string& good) { return good.substr(good.find("\r\n\r\n") + 4); }
std::string head_of(const std::string& good) { return good.substr(0, good.find("\r\n\r\n") + 2); }

/// The right answer with another status line.
std::string with_status(const std::string& good, const std::string& line) { return line + good.substr(good.find("\r\n")); }
/// The right answer with a further header line.
std::string with_more(const std::string& good, const std::string& lines) { return head_of(good) + lines + "\r\n" + body_of(good); }
/// The right body under these headers.
std::string with_only(const std::string& good, const std::string& headers) {
  return "HTTP/1.1 200 OK\r\n" + headers + "\r\n" + body_of(good);
}
std::string chunked_as(const std::string& good, const std::string& chunks) {
  return std::string("HTTP/1.1 200 OK\r\n") + kTypeLine + "Transfer-Encoding: chunked\r\n\r\n" + chunks + body_of(good) + "\r\n0\r\n\r\n";
}
std::string length_of(const std::string& good) { return std::to_string(body_of(good).size()); }

}  // namespace

std::string HttpParts::length() const { return fmt::format("Content-Length: {}\r\n", body.size()); }
std::string HttpParts::host_line() const { return "Host: " + host + "\r\n"; }

std::string http_assembled(const std::string& line, const std::string& headers, const std::string& body) {
  return line + "\r\n" + headers + "\r\n" + body;
}

std::string http_post_line(const HttpParts& parts) { return "POST " + parts.path + " HTTP/1.1"; }

std::vector<HttpCase> framing_refusals() {
  return {
      with_coding("coding-list", "Two transfer codings in one header are 400.", "Transfer-Encoding: chunked, identity"),
      with_coding("coding-twice", "A repeated transfer coding is 400.", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
      with_coding("coding-quoted", "A transfer coding in quotes is 400.", "Transfer-Encoding: \"chunked\""),
      with_coding("coding-parameter", "A transfer coding with a parameter is 400.", "Transfer-Encoding: chunked;q=1"),
      with_coding("coding-control", "A control character before a transfer coding is 400.", "Transfer-Encoding: \x0b" "chunked"),
      with_coding("coding-blank-before-colon", "A blank before a colon is 400.", "Transfer-Encoding : chunked"),
      with_coding("coding-folded", "A folded header is 400.", "Transfer-Encoding:\r\n chunked"),
      with_length("length-list", "Two lengths in one header are 400.", [](std::size_t n) { return fmt::format("{0}, {0}", n); }),
      with_length("length-hex", "A hexadecimal length is 400.", [](std::size_t n) { return fmt::format("{:#x}", n); }),
      with_length("length-blank", "A length with a blank in it is 400.", [](std::size_t n) { return fmt::format("{} {}", n / 10, n % 10); }),
      with_length("length-fraction", "A length with a fraction is 400.", [](std::size_t n) { return fmt::format("{}.0", n); }),
      with_length("length-negative", "A negative length is 400.", [](std::size_t) { return std::string("-1"); }),
      with_length("length-empty", "An empty length is 400.", [](std::size_t) { return std::string(); }),
      with_headers("lengths-differ", "Two lengths that differ are 400.", "HTTP 400",
                   [](const HttpParts& p) { return kTypeLine + p.length() + "Content-Length: 5\r\n"; }),
      with_chunks("chunk-no-hex", "A chunk whose size is no hexadecimal number is 400.", "HTTP 400",
                  [](const HttpParts& p) { return "G\r\n" + p.body + "\r\n0\r\n\r\n"; }),
      with_chunks("chunk-prefix", "A chunk size with a prefix is 400.", "HTTP 400",
                  [](const HttpParts& p) { return fmt::format("{:#x}\r\n{}\r\n0\r\n\r\n", p.body.size(), p.body); }),
      with_chunks("chunk-negative", "A negative chunk size is 400.", "HTTP 400",
                  [](const HttpParts& p) { return "-1\r\n" + p.body + "\r\n0\r\n\r\n"; }),
      with_chunks("chunk-long-size", "A chunk size with 17 digits is 400.", "HTTP 400",
                  [](const HttpParts& p) { return fmt::format("{:017x}\r\n{}\r\n0\r\n\r\n", p.body.size(), p.body); }),
      with_chunks("chunk-size-mismatch", "A chunk that is longer than its size is 400.", "HTTP 400",
                  [](const HttpParts& p) { return fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", p.body.size() - 1, p.body); }),
      with_chunks("chunk-long-extension", "A chunk extension of more than 256 bytes is 400.", "HTTP 400", [](const HttpParts& p) {
        return fmt::format("{:x};a={}\r\n{}\r\n0\r\n\r\n", p.body.size(), std::string(300, 'x'), p.body);
      })};
}

std::vector<HttpCase> form_refusals() {
  return {
      with_field("field-no-colon", "A header without colon is 400.", "Nonsense"),
      with_field("field-no-name", "A header without name is 400.", ": x"),
      with_field("field-bad-name", "A header whose name is no token is 400.", "X Y: x"),
      with_field("field-nul", "A NUL in a header is 400.", std::string("X-A: a\0b", 8)),
      with_field("field-control", "A control character in a header is 400.", "X-A: a\x01" "b"),
      with_line("version-1-2", "HTTP/1.2 is 505.", "HTTP 505", [](const HttpParts& p) { return "POST " + p.path + " HTTP/1.2"; }),
      with_line("version-2", "HTTP/2.0 is 505.", "HTTP 505", [](const HttpParts& p) { return "POST " + p.path + " HTTP/2.0"; }),
      with_line("method-get", "GET is 405.", "HTTP 405", [](const HttpParts& p) { return "GET " + p.path + " HTTP/1.1"; }),
      with_line("method-trace", "TRACE is 405 and echoes nothing.", "HTTP 405", [](const HttpParts& p) { return "TRACE " + p.path + " HTTP/1.1"; }),
      with_line("method-lower-case", "Methods are compared with case.", "HTTP 405", [](const HttpParts& p) { return "post " + p.path + " HTTP/1.1"; }),
      with_path("path-double-slash", "A doubled slash is another path.", [](std::string path) { return "/" + path; }),
      with_path("path-dot", "A dot segment is not taken away.", [](const std::string& path) { return before_last_slash(path, "/."); }),
      with_path("path-dot-dot", "Two dots do not go back.", [](const std::string& path) { return before_last_slash(path, "/x/.."); }),
      with_path("path-percent", "A percent escape is not decoded.", [](const std::string& path) { return path.substr(0, path.size() - 1) + fmt::format("%{:02x}", path.back()); }),
      with_path("path-slash-after", "A slash behind a path makes another one.", [](const std::string& path) { return path + "/"; }),
      with_path("path-parameter", "A path with a parameter is another path.", [](const std::string& path) { return path + ";x"; }),
      with_type("type-none", "No content type is 415.", ""),
      with_type("type-json", "JSON is 415.", "Content-Type: application/json\r\n"),
      with_type("type-longer", "A type that only begins like the right one is 415.", "Content-Type: application/quickpay+xmlx\r\n"),
      with_type("charset-utf-7", "UTF-7 is 415.", "Content-Type: application/quickpay+xml; charset=utf-7\r\n"),
      with_type("charset-smuggled", "Two charsets are 415.", "Content-Type: application/quickpay+xml; charset=utf-8; charset=utf-16\r\n"),
      with_type("coding-deflate", "A deflated body is 415.", "Content-Type: application/quickpay+xml\r\nContent-Encoding: deflate\r\n"),
      with_headers("headers-long", "Headers over their limit are 431.", "HTTP 431",
                   [](const HttpParts& p) { return kTypeLine + p.length() + "Cookie: " + std::string(kLongLine, 'x') + "\r\n"; }),
      with_chunks("too-large-chunked", "A body in chunks over the limit is 413.", "HTTP 413", [](const HttpParts&) {
        return fmt::format("{:x}\r\n{}\r\n0\r\n\r\n", kLongBody, std::string(kLongBody, ' '));
      })};
}

const std::vector<AnswerCase>& damaged_answers() {
  static const std::vector<AnswerCase> kCases = {
      {"no-status-line", "A document without a status line is no answer.", [](const std::string& good) { return body_of(good); }},
      {"other-version", "An answer in another version of HTTP is none.", [](const std::string& good) { return with_status(good, "HTTP/2.0 200 OK"); }},
      {"status-999", "A status that nobody knows is no answer.", [](const std::string& good) { return with_status(good, "HTTP/1.1 999 Fine"); }},
      {"status-206", "A part of an answer is none.", [](const std::string& good) { return with_status(good, "HTTP/1.1 206 Partial Content"); }},
      {"length-twice", "An answer with two lengths is none.", [](const std::string& good) { return with_more(good, "Content-Length: 5\r\n"); }},
      {"length-signed", "An answer whose length has a sign is none.",
       [](const std::string& good) { return with_only(good, kTypeLine + ("Content-Length: +" + length_of(good)) + "\r\n"); }},
      {"both-lengths", "An answer with length and chunks is none.", [](const std::string& good) { return with_more(good, "Transfer-Encoding: chunked\r\n"); }},
      {"coding-unknown", "An answer in an unknown transfer coding is none.",
       [](const std::string& good) { return with_only(good, std::string(kTypeLine) + "Transfer-Encoding: xchunked\r\n"); }},
      {"chunk-prefix", "A chunk size with a prefix is no answer.",
       [](const std::string& good) { return chunked_as(good, fmt::format("{:#x}\r\n", body_of(good).size())); }},
      {"chunk-cut", "An answer that lacks its last chunk is none.",
       [](const std::string& good) {
         const std::string whole = chunked_as(good, fmt::format("{:x}\r\n", body_of(good).size()));
         return whole.substr(0, whole.size() - 5);
       }},
      {"content-coding", "An answer with a content coding is none.", [](const std::string& good) { return with_more(good, "Content-Encoding: gzip\r\n"); }},
      {"type-twice", "An answer of two types is none.", [](const std::string& good) { return with_more(good, "Content-Type: text/html\r\n"); }},
      {"charset", "An answer in another charset is none.",
       [](const std::string& good) { return with_only(good, "Content-Type: application/quickpay+xml; charset=utf-16\r\nContent-Length: " + length_of(good) + "\r\n"); }},
      {"field-folded", "An answer with a folded header is none.", [](const std::string& good) { return with_more(good, "X-A: a\r\n b\r\n"); }},
      {"headers-long", "An answer whose headers exceed their limit is none.",
       [](const std::string& good) { return with_more(good, "X-A: " + std::string(kLongLine, 'x') + "\r\n"); }},
      {"headers-many", "An answer that drowns in headers is none.",
       [](const std::string& good) {
         std::string many;
         for (std::size_t i = 0; i < kManyFields; ++i) {
           many += fmt::format("X-{}: an idle header that only takes room\r\n", i);
         }
         return with_more(good, many);
       }},
      {"too-large", "An answer over the limit is none.", [](const std::string& good) {
         const std::string padded = body_of(good) + std::string(kLongBody, ' ');
         return http_assembled("HTTP/1.1 200 OK", kTypeLine + fmt::format("Content-Length: {}\r\n", padded.size()), padded);
       }}};
  return kCases;
}

}  // namespace quickpay::conformance
