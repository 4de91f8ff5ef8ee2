#include "reference/transport/tests/http_cases.hpp"

#include <fmt/format.h>

namespace quickpay::transport::tests {
namespace {

using std::string;

string raw(const char* bytes, std::size_t size) { return string(bytes, size); }

// The table under construction, with the shapes that most cases share.
class Table {
 public:
  explicit Table(string host) : host_(std::move(host)) {}

  void add(string id, string bytes, std::vector<unsigned> want) {
    cases_.push_back({std::move(id), std::move(bytes), std::move(want)});
  }
  string head(const string& fields, const string& line = fmt::format("POST {} HTTP/1.1", kPath)) const {
    return fmt::format("{}\r\nHost: {}\r\n{}\r\n", line, host_, fields);
  }
  string typed(const string& fields) const { return head(fmt::format("Content-Type: {}\r\n{}", kType, fields)); }
  string good(const string& body = "hello", const string& fields = "") const {
    return typed(fmt::format("{}Content-Length: {}\r\n", fields, body.size())) + body;
  }
  string chunked(const string& chunks, const string& fields = "") const {
    return typed(fields + "Transfer-Encoding: chunked\r\n") + chunks;
  }
  string with_line(const string& line) const {
    return head(fmt::format("Content-Type: {}\r\nContent-Length: 5\r\n", kType), line) + "hello";
  }
  const string& host() const { return host_; }
  std::vector<HttpCase> take() { return std::move(cases_); }

 private:
  string host_;
  std::vector<HttpCase> cases_;
};

void add_good(Table& t) {
  t.add("GOOD-plain", t.good(), {200});
  t.add("GOOD-empty body", t.good(""), {200});
  t.add("GOOD-two in a row", t.good() + t.good("again"), {200, 200});
  t.add("GOOD-leading empty line", "\r\n" + t.good(), {200});
  t.add("GOOD-no blank after the colon", t.typed("Content-Length:5\r\n") + "hello", {200});
  t.add("GOOD-field names in any case",
        t.head(fmt::format("CONTENT-TYPE: {}\r\ncontent-length: 5\r\n", kType)) + "hello", {200});
  t.add("GOOD-charset", t.head(fmt::format("Content-Type: {}; CharSet=UTF-8\r\nContent-Length: 0\r\n", kType)), {200});
  t.add("GOOD-quoted charset",
        t.head(fmt::format("Content-Type: {}; charset=\"utf-8\"\r\nContent-Length: 0\r\n", kType)), {200});
  t.add("GOOD-chunked", t.chunked("5\r\nhello\r\n0\r\n\r\n"), {200});
  t.add("GOOD-chunked in pieces", t.chunked("1\r\nh\r\n4\r\nello\r\n0\r\n\r\n") + t.good(), {200, 200});
  t.add("GOOD-get", t.head("Ticket: abc\r\n", fmt::format("GET {} HTTP/1.1", kFilePath)), {200});
}

// HTTP-01, 02, 03: whose framing counts
void add_codings(Table& t) {
  const string smuggled = "0\r\n\r\nG";
  t.add("HTTP-01-CL.TE", t.typed("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n") + smuggled + t.good(), {400});
  t.add("HTTP-02-TE.CL", t.typed("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n") + "5\r\nhello\r\n" + smuggled,
        {400});
  for (const char* coding : {"xchunked", "chunked, identity", "identity, chunked", "\"chunked\"", "chunked;q=1",
                             "chunked,chunked", "identity", "gzip", "", " chunked", "chunked ",
                             "\x0b"
                             "chunked"}) {
    t.add(fmt::format("HTTP-03-{}", coding), t.typed(fmt::format("Transfer-Encoding: {}\r\n", coding)) + "0\r\n\r\n",
          {400});
  }
  t.add("HTTP-03-upper case is legal", t.typed("Transfer-Encoding: Chunked\r\n") + "0\r\n\r\n", {200});
  t.add("HTTP-03-twice", t.typed("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", {400});
  t.add("HTTP-03-blank before the colon", t.typed("Transfer-Encoding : chunked\r\n") + "0\r\n\r\n", {400});
  t.add("HTTP-03-tab", t.typed("Transfer-Encoding:\tchunked\r\n") + "0\r\n\r\n", {400});
  t.add("HTTP-03-folded", t.typed("Transfer-Encoding:\r\n chunked\r\n") + "0\r\n\r\n", {400});
  t.add("HTTP-03-folded by line feed", t.typed("Transfer-Encoding:\n chunked\r\n") + "0\r\n\r\n", {400});
}

// HTTP-04, 05, 07: Content-Length
void add_lengths(Table& t) {
  t.add("HTTP-04-equal", t.typed("Content-Length: 5\r\nContent-Length: 5\r\n") + "hello", {400});
  t.add("HTTP-04-different", t.typed("Content-Length: 5\r\nContent-Length: 6\r\n") + "hello!", {400});
  t.add("HTTP-04-list equal", t.typed("Content-Length: 5, 5\r\n") + "hello", {400});
  t.add("HTTP-04-list", t.typed("Content-Length: 5,6\r\n") + "hello", {400});
  for (const char* length :
       {"+5", "-0", "-5", "0x5", "5 5", " 5", "5 ", "\t5", "05", "00", "5.0", "", "9223372036854775808",
        "18446744073709551616", "18446744073709551621", "000000000000000000000000000005", "12345678901"}) {
    t.add(fmt::format("HTTP-05-{}", length), t.typed(fmt::format("Content-Length: {}\r\n", length)) + "hello", {400});
  }
  t.add("HTTP-05-more than the limit", t.typed("Content-Length: 9999999999\r\n"), {413});
  t.add("HTTP-05-none", t.typed("") + "hello", {411});
  t.add("HTTP-07-smuggled garbage", t.good() + "XX\r\n\r\n", {200, 400});
  t.add("HTTP-07-smuggled request gets its own checks", t.good() + t.with_line("DELETE / HTTP/1.1"), {200, 404});
}

// HTTP-08, 09, 10: chunks
void add_chunks(Table& t) {
  for (const char* size : {"", "-1", "0x10", "+5", "G", " 5", "5 ", "00000000000000005", "123456789", "5\t"}) {
    t.add(fmt::format("HTTP-08-size {}", size), t.chunked(fmt::format("{}\r\nhello\r\n0\r\n\r\n", size)), {400});
  }
  t.add("HTTP-08-leading zeros", t.chunked(string(100, '0') + "5\r\nhello\r\n0\r\n\r\n"), {400});
  t.add("HTTP-08-too short", t.chunked("4\r\nhello\r\n0\r\n\r\n"), {400});
  t.add("HTTP-08-too long", t.chunked("6\r\nhello\r\n0\r\n\r\n"), {400});
  t.add("HTTP-08-no line end", t.chunked("5\r\nhello0\r\n\r\n"), {400});
  t.add("HTTP-08-line feed only", t.chunked("5\nhello\n0\n\n"), {400});
  t.add("HTTP-08-carriage return only", t.chunked("5\rhello\r0\r\r"), {400});
  t.add("HTTP-08-line feed at the end", t.chunked("5\r\nhello\r\n0\r\n\n"), {400});
  t.add("HTTP-09-extension", t.chunked("5;a=b;c=\"d e\"\r\nhello\r\n0;x\r\n\r\n"), {200});
  t.add("HTTP-09-256 bytes", t.chunked("5;" + string(256, 'e') + "\r\nhello\r\n0\r\n\r\n"), {200});
  t.add("HTTP-09-257 bytes", t.chunked("5;" + string(257, 'e') + "\r\nhello\r\n0\r\n\r\n"), {400});
  t.add("HTTP-09-8 KiB", t.chunked("5;" + string(8192, 'e') + "\r\nhello\r\n0\r\n\r\n"), {400});
  t.add("HTTP-09-line feed", t.chunked("5;a\nb\r\nhello\r\n0\r\n\r\n"), {400});
  t.add("HTTP-09-quoted line end", t.chunked("5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n"), {400});
  t.add("HTTP-10-trailers",
        t.chunked("5\r\nhello\r\n0\r\nContent-Length: 3\r\nHost: evil\r\nContent-Type: text/xml\r\n\r\n") + t.good(),
        {200, 200});
  t.add("HTTP-10-bad trailer", t.chunked("5\r\nhello\r\n0\r\nno colon\r\n\r\n"), {400});
  t.add("HTTP-10-endless trailers", t.chunked("0\r\nT: " + string(20000, 't') + "\r\n\r\n"), {431});
}

// HTTP-11, 12, 25: header fields
void add_fields(Table& t) {
  const string line = fmt::format("POST {} HTTP/1.1", kPath);
  t.add("HTTP-11-line feeds", fmt::format("{}\nHost: {}\nContent-Length: 0\n\n", line, t.host()), {400});
  t.add("HTTP-11-carriage returns", fmt::format("{}\rHost: {}\r\r\n", line, t.host()), {400});
  t.add("HTTP-11-carriage return in a value", t.good("hello", "X-A: b\rc\r\n"), {400});
  t.add("HTTP-11-NUL", t.good("hello", raw("X-A: b\0c\r\n", 10)), {400});
  t.add("HTTP-11-folded", t.good("hello", "X-A: b\r\n c\r\n"), {400});
  t.add("HTTP-11-folded by tab", t.good("hello", "X-A: b\r\n\tc\r\n"), {400});
  for (const char* field :
       {"X-A : b", "no colon", ": no name", "X A: b", "X-A: \x01", "X-\x80: b", "X-A: \xFC", "X(A): b", "X-A: \x7F"}) {
    t.add(fmt::format("HTTP-12-{}", field), t.good("hello", fmt::format("{}\r\n", field)), {400});
  }
  t.add("HTTP-12-first field begins with a blank", fmt::format("{}\r\n X: y\r\nHost: {}\r\n\r\n", line, t.host()),
        {400});
  string many;
  for (int i = 0; i < 10000; ++i) many += fmt::format("X{}: y\r\n", i);
  t.add("HTTP-25-10000 fields", t.good("hello", many), {431});
  t.add("HTTP-25-101 short fields", t.good("hello", many.substr(0, many.find("X101:"))), {431});
  t.add("HTTP-25-long field", t.good("hello", "X: " + string(1024 * 1024, 'y') + "\r\n"), {431});
  t.add("HTTP-25-long cookie", t.good("hello", "Cookie: " + string(20000, 'y') + "\r\n"), {431});
}

// HTTP-13, 14: request line and method
void add_lines(Table& t) {
  const auto line = [](const char* method, const string& target, const char* version) {
    return fmt::format("{} {} {}", method, target, version);
  };
  t.add("HTTP-13-no version", t.with_line(fmt::format("POST {}", kPath)), {400});
  for (const char* version : {"HTTP/1.2", "HTTP/2.0", "HTTP/1.0", "HTTP/0.9"}) {
    t.add(fmt::format("HTTP-13-{}", version), t.with_line(line("POST", kPath, version)), {505});
  }
  for (const char* version : {"http/1.1", "HTTP/1", "HTTP/1.1.1", "HTTP/11", "HTTPS/1.1", "HTTP/1.1 "}) {
    t.add(fmt::format("HTTP-13-{}", version), t.with_line(line("POST", kPath, version)), {400});
  }
  t.add("HTTP-13-two blanks", t.with_line(fmt::format("POST  {} HTTP/1.1", kPath)), {400});
  t.add("HTTP-13-tab", t.with_line(fmt::format("POST\t{} HTTP/1.1", kPath)), {400});
  t.add("HTTP-13-two empty lines", "\r\n\r\n" + t.good(), {400});
  t.add("HTTP-13-64 KiB line", t.with_line(line("POST", "/" + string(65536, 'a'), "HTTP/1.1")), {414});
  for (const char* method : {"GET", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "post", "Post", "PATCH",
                             "X-ABCDEFGHIJKLMNOPQRSTUVWXYZ01234"}) {
    t.add(fmt::format("HTTP-14-{}", method), t.with_line(line(method, kPath, "HTTP/1.1")),
          {string(method).size() > 32 ? 400U : 405U});
  }
  t.add("HTTP-14-get without length", t.head("", line("GET", kPath, "HTTP/1.1")), {405});
  t.add("HTTP-14-post at a get path", t.with_line(line("POST", kFilePath, "HTTP/1.1")), {405});
  t.add("HTTP-14-4 KiB", t.with_line(line(string(4096, 'A').c_str(), kPath, "HTTP/1.1")), {400});
  t.add("HTTP-14-no token", t.with_line(line("PO(ST", kPath, "HTTP/1.1")), {400});
}

// HTTP-15, 16, 35: Host and target
void add_hosts(Table& t) {
  const string rest = fmt::format("Content-Type: {}\r\nContent-Length: 0\r\n\r\n", kType);
  const string line = fmt::format("POST {} HTTP/1.1\r\n", kPath);
  const auto absolute = [&](const string& target, const string& host) {
    return fmt::format("POST {} HTTP/1.1\r\nHost: {}\r\n{}", target, host, rest);
  };
  t.add("HTTP-15-none", line + rest, {400});
  t.add("HTTP-15-two", fmt::format("{}Host: {}\r\nHost: {}\r\n{}", line, t.host(), t.host(), rest), {400});
  for (const string& host :
       {t.host() + "/x", "me@" + t.host(), string("a b"), string(""), string("[::1"), string("a:b:c"), string("a:"),
        string("a:123456"), string("a,b"), t.host() + "," + t.host()}) {
    t.add("HTTP-15-" + host, fmt::format("{}Host: {}\r\n{}", line, host, rest), {400});
  }
  t.add("HTTP-15-NUL", line + "Host: a" + string(1, '\0') + "\r\n" + rest, {400});
  t.add("HTTP-16-own", absolute(fmt::format("http://{}{}", t.host(), kPath), t.host()), {200});
  t.add("HTTP-16-scheme in any case", absolute(fmt::format("HTTP://{}{}", t.host(), kPath), t.host()), {200});
  t.add("HTTP-15-differs from the target", absolute(fmt::format("http://other:1{}", kPath), t.host()), {400});
  t.add("HTTP-16-foreign", absolute(fmt::format("http://other:1{}", kPath), "other:1"), {421});
  t.add("HTTP-16-user", absolute(fmt::format("http://u@{}{}", t.host(), kPath), t.host()), {400});
  t.add("HTTP-16-other scheme", absolute(fmt::format("ftp://{}{}", t.host(), kPath), t.host()), {400});
  t.add("HTTP-16-no path", absolute(fmt::format("http://{}", t.host()), t.host()), {404});
  t.add("HTTP-16-authority", absolute(t.host(), t.host()), {400});
  t.add("HTTP-16-star", absolute("*", t.host()), {400});
  t.add("HTTP-35-another host", fmt::format("{}Host: other.example\r\n{}", line, rest), {421});
  t.add("HTTP-35-another port", fmt::format("{}Host: 127.0.0.1:1\r\n{}", line, rest), {421});
}

// HTTP-17, 18: paths
void add_paths(Table& t) {
  const string path = kPath;
  for (const string& target : {"/" + path,
                               "/." + path,
                               "/x/.." + path,
                               path + "/",
                               path + "?q",
                               path + "?",
                               path + "#f",
                               path + ";x",
                               path + "%00",
                               path + "%2F",
                               string("/P/1/FIRST"),
                               string("/p/1/firs%74"),
                               string("/p/%31/first"),
                               string("/p/1"),
                               string("/"),
                               string("/%2e%2e/p/1/first"),
                               string("/p/1/first\xC0\xAF"),
                               string("/p%5C1/first"),
                               string("/p\\1\\first"),
                               "/" + string(8000, 'a')}) {
    t.add("HTTP-17-" + target.substr(0, 30), t.with_line(fmt::format("POST {} HTTP/1.1", target)), {404});
  }
  t.add("HTTP-17-control character", t.with_line("POST /p/1/first\x01 HTTP/1.1"), {400});
}

// HTTP-19, 20: content type and coding
void add_types(Table& t) {
  t.add("HTTP-19-none", t.head("Content-Length: 5\r\n") + "hello", {415});
  const string good = kType;
  for (const string& type :
       {string("text/xml"), string("application/json"), good + "x", good + "; charset=utf-16", good + ";charset=utf-7",
        good + ";charset=utf-8;charset=utf-16", good + ";charset=utf-8;", string("multipart/form-data; boundary=x"),
        string(""), good + "; q=1", good + ", text/xml", good + ";charset=\"utf-16\"", good + ";", "x" + good}) {
    t.add("HTTP-19-" + type, t.head(fmt::format("Content-Type: {}\r\nContent-Length: 5\r\n", type)) + "hello", {415});
  }
  t.add("HTTP-19-two", t.good("hello", fmt::format("Content-Type: {}\r\n", kType)), {415});
  for (const char* coding : {"gzip", "deflate", "br", "identity", ""}) {
    t.add(fmt::format("HTTP-20-{}", coding), t.good("hello", fmt::format("Content-Encoding: {}\r\n", coding)), {415});
  }
}

// HTTP-21, 26, 28, 29, 30
void add_rest(Table& t) {
  t.add("HTTP-21-foo", t.good("hello", "Expect: foo\r\n"), {417});
  t.add("HTTP-21-twice", t.good("hello", "Expect: 100-continue\r\nExpect: 100-continue\r\n"), {417});
  t.add("HTTP-21-body is there already", t.good("hello", "Expect: 100-Continue\r\n"), {200});
  t.add("HTTP-26-at the limit", t.good(string(kLimit, 'x')), {200});
  t.add("HTTP-26-one more", t.good(string(kLimit + 1, 'x')), {413});
  t.add("HTTP-26-chunked at the limit", t.chunked("63\r\n" + string(99, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n"), {200});
  t.add("HTTP-26-chunked one more", t.chunked("63\r\n" + string(99, 'x') + "\r\n2\r\nxx\r\n0\r\n\r\n"), {413});
  t.add("HTTP-26-huge chunk", t.chunked("FFFFFFFF\r\n"), {413});
  t.add("HTTP-28-upgrade",
        t.good("hello", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"), {200});
  t.add("HTTP-28-preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400});
  t.add("HTTP-28-TLS", raw("\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03", 11), {400});
  t.add("HTTP-28-proxy line", "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n" + t.good(), {400});
  t.add("HTTP-28-proxy line, binary", raw("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\0", 16), {400});
  t.add("HTTP-29-forwarded",
        t.good("hello",
               "X-Forwarded-For: 1.2.3.4, 5.6.7.8\r\nForwarded: for=\"[::1]\"\r\nX-Real-IP: 1.2.3.4\r\nX-Client-IP: "
               "1.2.3.4\r\nTrue-Client-IP: 1.2.3.4\r\nCF-Connecting-IP: 1.2.3.4\r\nX-Forwarded-Host: evil\r\n"),
        {200});
  t.add("HTTP-30-override",
        t.good("hello",
               "X-HTTP-Method-Override: DELETE\r\nX-Original-URL: /p/1/second\r\nX-Rewrite-URL: /p/1/second\r\n"),
        {200});
}

// Two faults at once: which one is answered (steps 1 to 4 of the processing order).
void add_pairs(Table& t) {
  t.add("ORDER-framing before path", t.head("Content-Length: 05\r\n", "POST /none HTTP/1.1"), {400});
  t.add("ORDER-expect before path", t.head("Content-Length: 5\r\nExpect: x\r\n", "POST /none HTTP/1.1"), {417});
  t.add("ORDER-version before path", t.with_line("POST /none HTTP/1.0"), {505});
  t.add("ORDER-length before path", t.head("", "POST /none HTTP/1.1"), {411});
  t.add("ORDER-path before method", t.with_line("PUT /none HTTP/1.1"), {404});
  t.add("ORDER-method before type",
        t.head("Content-Length: 5\r\nContent-Type: text/xml\r\n", fmt::format("PUT {} HTTP/1.1", kPath)), {405});
  t.add("ORDER-type before size", t.head("Content-Length: 5000\r\nContent-Type: text/xml\r\n"), {415});
  t.add("ORDER-coding before size", t.typed("Content-Length: 5000\r\nContent-Encoding: gzip\r\n"), {415});
}

}  // namespace

PathTable case_paths() {
  PathTable paths;
  paths[kPath].max_body = kLimit;
  paths[kOtherPath].max_body = kLimit;
  paths[kFilePath] = {Method::get, 0, kRequestMs, "Ticket"};
  return paths;
}

std::vector<HttpCase> http_cases(const string& host) {
  Table table(host);
  add_good(table);
  add_codings(table);
  add_lengths(table);
  add_chunks(table);
  add_fields(table);
  add_lines(table);
  add_hosts(table);
  add_paths(table);
  add_types(table);
  add_rest(table);
  add_pairs(table);
  return table.take();
}

}  // namespace quickpay::transport::tests
