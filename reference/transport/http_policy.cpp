#include "reference/transport/http_policy.hpp"

#include <algorithm>
#include <charconv>

namespace quickpay::transport {
namespace {

using std::string_view;

tl::unexpected<HttpRefusal> refuse(unsigned status, string_view reason) {
  return tl::make_unexpected(HttpRefusal{status, reason, {}});
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_in_any_case(string_view a, string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_token_char(char c) {
  return is_alpha(c) || is_digit(c) || (c != '\0' && string_view("!#$%&'*+-.^_`|~").find(c) != string_view::npos);
}

bool is_token(string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char); }
bool is_value_char(char c) { return c == '\t' || (c >= ' ' && c <= '~'); }
bool is_visible(char c) { return c > ' ' && c != '\x7F'; }  // 8-bit bytes are negative here: they are not

string_view trimmed(string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

struct Field {
  string_view name;
  string_view raw;  // after the colon, blanks included
  string_view value() const { return trimmed(raw); }
  // Fields that decide where a message ends have one blank at most: what other software might trim, fold or ignore
  // there is the stuff that smuggling is made of.
  string_view framing_value() const { return !raw.empty() && raw.front() == ' ' ? raw.substr(1) : raw; }
  bool is(string_view wanted) const { return same_in_any_case(name, wanted); }
};

std::optional<Field> split_field(string_view line) {
  const auto colon = line.find(':');
  if (colon == string_view::npos || !is_token(line.substr(0, colon))) return std::nullopt;
  const Field field{line.substr(0, colon), line.substr(colon + 1)};
  if (!std::all_of(field.raw.begin(), field.raw.end(), is_value_char)) return std::nullopt;
  return field;
}

// The lines of a head, without their ends.
class Lines {
 public:
  explicit Lines(string_view head) : rest_(head) {}
  // The next line; false at the empty line or if the bytes end without one.
  bool next(string_view& line) {
    const auto end = rest_.find("\r\n");
    if (end == string_view::npos) return false;
    line = rest_.substr(0, end);
    rest_.remove_prefix(end + 2);
    return !line.empty();
  }
  bool at_end() const { return rest_.empty(); }

 private:
  string_view rest_;
};

// What the fields say about framing, for requests and responses alike.
struct Framing {
  unsigned lengths = 0;
  unsigned codings = 0;
  std::uint64_t length = 0;
  bool bad = false;
  bool close = false;

  void note(const Field& field);
  void note_connection(string_view list);
  bool ambiguous() const { return bad || lengths > 1 || codings > 1 || (lengths > 0 && codings > 0); }
};

// 0 or a number without leading zero; the number of digits bounds the value.
bool read_length(string_view text, std::uint64_t& length) {
  if (text.empty() || text.size() > kMaxLengthDigits || !std::all_of(text.begin(), text.end(), is_digit)) return false;
  if (text.size() > 1 && text.front() == '0') return false;
  std::from_chars(text.data(), text.data() + text.size(), length);
  return true;
}

void Framing::note(const Field& field) {
  if (field.is("Content-Length")) {
    ++lengths;
    if (!read_length(field.framing_value(), length)) bad = true;
  } else if (field.is("Transfer-Encoding")) {
    ++codings;
    if (!same_in_any_case(field.framing_value(), "chunked")) bad = true;
  } else if (field.is("Connection")) {
    note_connection(field.value());
  }
}

// A list of tokens.
void Framing::note_connection(string_view list) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    const string_view member = trimmed(list.substr(0, comma));
    if (!member.empty() && !is_token(member)) bad = true;
    if (same_in_any_case(member, "close")) close = true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

struct RequestLine {
  string_view method;
  string_view target;
  string_view version;
};

// Every part is there and of the right kind; what they mean is judged later.
std::optional<HttpRefusal> split_request_line(string_view line, RequestLine& parts) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == string_view::npos || first == last) return HttpRefusal{400, "request line without three parts", {}};
  parts = {line.substr(0, first), line.substr(first + 1, last - first - 1), line.substr(last + 1)};
  if (!is_token(parts.method) || parts.method.size() > kMaxMethodBytes) {
    return HttpRefusal{400, "method is not a token", {}};
  }
  if (parts.target.empty() || parts.target.find_first_of(" \t") != string_view::npos) {
    return HttpRefusal{400, "request line without three parts", {}};
  }
  for (const char c : parts.target) {
    if (static_cast<unsigned char>(c) < 0x80 && !is_visible(c)) {
      return HttpRefusal{400, "control character in the target", {}};
    }
  }
  return std::nullopt;
}

bool is_version(string_view text) {
  return text.size() == 8 && text.substr(0, 5) == "HTTP/" && is_digit(text[5]) && text[6] == '.' && is_digit(text[7]);
}

std::optional<HttpRefusal> judge_request_line(string_view line, RequestLine& parts) {
  if (const auto refusal = split_request_line(line, parts)) return refusal;
  if (parts.target.front() != '/' && parts.target.find("://") == string_view::npos) {
    return HttpRefusal{400, "target is neither a path nor absolute", {}};
  }
  if (!is_version(parts.version)) return HttpRefusal{400, "no HTTP version", {}};
  if (parts.version != "HTTP/1.1") return HttpRefusal{505, "HTTP version is not 1.1", {}};
  return std::nullopt;
}

bool is_port(string_view text) {
  return !text.empty() && text.size() <= 5 && std::all_of(text.begin(), text.end(), is_digit);
}

// host[:port]: a name, an IPv4 address or an IPv6 address in brackets.
bool is_authority(string_view text) {
  const auto bracket = text.rfind(']');
  const auto colon = text.find(':', bracket == string_view::npos ? 0 : bracket);
  const string_view host = text.substr(0, colon);
  if (colon != string_view::npos && !is_port(text.substr(colon + 1))) return false;
  if (bracket != string_view::npos) {
    return host.size() > 2 && host.front() == '[' && host.back() == ']' &&
           host.find_first_not_of("0123456789abcdefABCDEF:.", 1) == host.size() - 1;
  }
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '.' || c == '-' || c == '_';
  });
}

// A Host without a port means port 80.
bool same_authority(string_view given, string_view own) {
  constexpr string_view kDefaultPort = ":80";
  if (same_in_any_case(given, own)) return true;
  const bool is_default = own.size() > kDefaultPort.size() && own.substr(own.size() - 3) == kDefaultPort;
  return is_default && same_in_any_case(given, own.substr(0, own.size() - 3));
}

// The fields of a request that decide anything.
struct RequestFields {
  Framing framing;
  std::size_t count = 0;
  unsigned hosts = 0;
  string_view host;
  unsigned content_types = 0;
  string_view content_type;
  bool coded = false;
  bool expects = false;
  bool expects_other = false;
  string_view ticket;

  void note(const Field& field);
};

void RequestFields::note(const Field& field) {
  framing.note(field);
  if (field.is("Host")) {
    ++hosts;
    host = field.value();
  } else if (field.is("Content-Type")) {
    ++content_types;
    content_type = field.value();
  } else if (field.is("Content-Encoding")) {
    coded = true;
  } else if (field.is("Expect")) {
    expects_other = expects_other || expects || !same_in_any_case(field.value(), "100-continue");
    expects = true;
  }
}

// Step 1, the part that needs the fields only.
std::optional<HttpRefusal> judge_framing(const RequestFields& fields) {
  if (fields.framing.ambiguous()) return HttpRefusal{400, "the end of the body is not told in one plain way", {}};
  if (fields.hosts != 1 || !is_authority(fields.host)) return HttpRefusal{400, "not exactly one good Host", {}};
  if (fields.expects_other) return HttpRefusal{417, "expects something other than 100-continue", {}};
  return std::nullopt;
}

// Takes scheme and authority off an absolute target; what is left is the path.
std::optional<HttpRefusal> judge_target(string_view& target, const RequestFields& fields, const RequestRules& rules) {
  constexpr string_view kScheme = "http://";
  if (target.front() != '/') {
    if (!same_in_any_case(target.substr(0, kScheme.size()), kScheme)) return HttpRefusal{400, "scheme is not http", {}};
    target.remove_prefix(kScheme.size());
    const string_view authority = target.substr(0, target.find_first_of("/?#"));
    target.remove_prefix(authority.size());
    if (!is_authority(authority)) return HttpRefusal{400, "bad authority in the target", {}};
    if (!same_in_any_case(authority, fields.host)) return HttpRefusal{400, "target and Host differ", {}};
  }
  if (rules.authorities.empty()) return std::nullopt;
  for (const auto& own : rules.authorities) {
    if (same_authority(fields.host, own)) return std::nullopt;
  }
  return HttpRefusal{421, "Host is another server", {}};
}

string_view name_of(Method method) { return method == Method::post ? string_view("POST") : string_view("GET"); }

// Steps 2 to 4, as far as the head goes. A POST without any length is step 1, but for other methods that is no fault.
std::optional<HttpRefusal> judge_request(const RequestLine& line, const RequestFields& fields, const PathRule* rule,
                                         const RequestRules& rules) {
  const Framing& framing = fields.framing;
  if (line.method == "POST" && framing.lengths + framing.codings == 0) return HttpRefusal{411, "no length", {}};
  if (rule == nullptr) return HttpRefusal{404, "no such path", {}};
  if (line.method != name_of(rule->method)) return HttpRefusal{405, "wrong method", name_of(rule->method)};
  if (rule->method == Method::post) {
    if (fields.content_types != 1) return HttpRefusal{415, "not exactly one content type", {}};
    if (!is_content_type(fields.content_type, rules.content_type)) return HttpRefusal{415, "wrong content type", {}};
  }
  if (fields.coded) return HttpRefusal{415, "content coding", {}};
  if (framing.length > rule->max_body) return HttpRefusal{413, "announced body is too long", {}};
  return std::nullopt;
}

string_view without_leading_empty_line(string_view raw) { return raw.substr(0, 2) == "\r\n" ? raw.substr(2) : raw; }

// Reads all field lines; nothing if one of them is bad.
template <class Fields>
std::optional<HttpRefusal> read_fields(Lines& lines, Fields& fields) {
  string_view line;
  while (lines.next(line)) {
    if (++fields.count > kMaxFields) return HttpRefusal{431, "too many header fields", {}};
    const auto field = split_field(line);
    if (!field) return HttpRefusal{400, "bad header field", {}};
    fields.note(*field);
  }
  if (!lines.at_end()) return HttpRefusal{400, "no end of the header", {}};
  return std::nullopt;
}

const PathRule* rule_of(const RequestRules& rules, string_view path) {
  const auto found = rules.paths->find(path);
  return found == rules.paths->end() ? nullptr : &found->second;
}

// The value of the field that the path's rule asks for; empty if it is not there exactly once.
string_view ticket_in(string_view raw, string_view name) {
  Lines lines(without_leading_empty_line(raw));
  string_view line;
  string_view value;
  unsigned found = 0;
  lines.next(line);
  while (lines.next(line)) {
    const auto field = split_field(line);
    if (!field || !field->is(name)) continue;
    ++found;
    value = field->value();
  }
  return found == 1 ? value : string_view();
}

}  // namespace

tl::expected<bool, HttpRefusal> HeadScanner::line_ended(string_view bytes, std::size_t line_feed) {
  if (line_feed == 0 || bytes[line_feed - 1] != '\r') return refuse(400, "line feed without carriage return");
  const string_view line = bytes.substr(line_start_, line_feed - 1 - line_start_);
  line_start_ = line_feed + 1;
  if (line.find('\r') != string_view::npos) return refuse(400, "carriage return without line feed");
  if (!line.empty()) return ++lines_, false;
  if (lines_ > 0) return true;
  if (skipped_empty_) return refuse(400, "empty lines in front");
  skipped_empty_ = true;
  return false;
}

tl::expected<std::size_t, HttpRefusal> HeadScanner::scan(string_view bytes) {
  for (; seen_ < bytes.size(); ++seen_) {
    if (seen_ >= max_bytes_)
      return lines_ == 0 ? refuse(414, "request line is too long") : refuse(431, "header is too long");
    const char c = bytes[seen_];
    if (c == '\0') return refuse(400, "NUL in the header");
    if (c == '\n') {
      const auto ended = line_ended(bytes, seen_);
      if (!ended) return tl::make_unexpected(ended.error());
      if (*ended) return seen_ + 1;
    } else if (lines_ == 0 && seen_ == line_start_ && c != '\r' && !is_token_char(c)) {
      return refuse(400, "this is not HTTP");
    }
  }
  return 0;
}

tl::expected<RequestHead, HttpRefusal> judge_request_head(string_view raw, const RequestRules& rules) {
  if (raw.size() > rules.max_header_bytes) return refuse(431, "header is too long");
  Lines lines(without_leading_empty_line(raw));
  string_view first;
  if (!lines.next(first)) return refuse(400, "no request line");
  RequestLine line;
  RequestFields fields;
  if (const auto refusal = judge_request_line(first, line)) return tl::make_unexpected(*refusal);
  if (const auto refusal = read_fields(lines, fields)) return tl::make_unexpected(*refusal);
  if (const auto refusal = judge_framing(fields)) return tl::make_unexpected(*refusal);
  if (const auto refusal = judge_target(line.target, fields, rules)) return tl::make_unexpected(*refusal);
  const PathRule* rule = rule_of(rules, line.target);
  if (const auto refusal = judge_request(line, fields, rule, rules)) return tl::make_unexpected(*refusal);
  RequestHead head{line.target,           rule, fields.framing.length, fields.framing.codings > 0, fields.expects,
                   !fields.framing.close, {}};
  if (!rule->ticket_field.empty()) head.ticket = ticket_in(raw, rule->ticket_field);
  return head;
}

namespace {

struct ResponseFields {
  Framing framing;
  std::size_t count = 0;
  unsigned content_types = 0;
  string_view content_type;
  bool coded = false;

  void note(const Field& field) {
    framing.note(field);
    if (field.is("Content-Encoding")) coded = true;
    if (!field.is("Content-Type")) return;
    ++content_types;
    content_type = field.value();
  }
};

// "HTTP/1.1 nnn reason"; 0 if it is anything else.
unsigned status_of(string_view line) {
  constexpr string_view kStart = "HTTP/1.1 ";
  if (line.size() < 12 || line.substr(0, kStart.size()) != kStart) return 0;
  if (line.size() > 12 && line[12] != ' ') return 0;
  if (!std::all_of(line.begin() + 9, line.begin() + 12, is_digit)) return 0;
  if (!std::all_of(line.begin() + 12, line.end(), is_value_char)) return 0;
  unsigned status = 0;
  std::from_chars(line.data() + 9, line.data() + 12, status);
  return status >= 100 && status <= 599 ? status : 0;
}

bool has_no_body(unsigned status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

tl::expected<ResponseHead, string_view> judge_response_head(string_view raw) {
  Lines lines(raw);
  string_view line;
  lines.next(line);
  const unsigned status = status_of(line);
  if (status == 0) return tl::make_unexpected(string_view("no HTTP/1.1 status line"));
  ResponseFields fields;
  if (const auto refusal = read_fields(lines, fields)) return tl::make_unexpected(refusal->reason);
  const Framing& framing = fields.framing;
  if (framing.ambiguous()) return tl::make_unexpected(string_view("the end of the body is not told in one plain way"));
  if (framing.lengths + framing.codings == 0 && !has_no_body(status)) {
    return tl::make_unexpected(string_view("no length"));
  }
  if (fields.content_types > 1) return tl::make_unexpected(string_view("two content types"));
  return ResponseHead{status,
                      has_no_body(status) ? 0 : framing.length,
                      framing.codings > 0 && !has_no_body(status),
                      !framing.close,
                      fields.content_type,
                      fields.coded};
}

bool is_content_type(string_view value, string_view wanted) {
  const auto semicolon = value.find(';');
  if (!same_in_any_case(trimmed(value.substr(0, semicolon)), wanted)) return false;
  if (semicolon == string_view::npos) return true;
  const string_view parameter = trimmed(value.substr(semicolon + 1));
  return same_in_any_case(parameter, "charset=utf-8") || same_in_any_case(parameter, "charset=\"utf-8\"");
}

bool is_field_line(string_view line) { return split_field(line).has_value(); }

}  // namespace quickpay::transport
