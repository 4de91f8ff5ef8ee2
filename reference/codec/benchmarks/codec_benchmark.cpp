// Compares the codec with pugixml and libxml2 in one run: the contestants take turns, the median of the rounds counts, and
// ratios are printed, since times of different runs on a shared machine say nothing. Beside each speed stands how many of
// the negative vectors the contestant refuses: speed without checking is no speed.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/codec/benchmarks/peers.hpp"
#include "reference/codec/codec.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/codec/oracle/any_document.hpp"
#include "vectors/vectors.hpp"

namespace quickpay::codec::benchmark {
namespace {

namespace micro = msg::micro;

constexpr const char* kVectors = "vectors/generated/micropayment";  // from the root of the repository
constexpr int kRounds = 9;
constexpr double kRoundSeconds = 0.05;

struct Contestant {
  std::string name;
  std::function<bool()> work;
};

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double seconds_each(const Contestant& contestant, long times) {
  const double from = cpu_seconds();
  for (long i = 0; i < times; ++i) {
    if (!contestant.work()) {
      std::fprintf(stderr, "%s does not do the work\n", contestant.name.c_str());
      std::exit(1);
    }
  }
  return (cpu_seconds() - from) / static_cast<double>(times);
}

long times_for_a_round(const Contestant& contestant) {
  return std::max(1L, static_cast<long>(kRoundSeconds / seconds_each(contestant, 20)));
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// The first contestant is the one that the others are compared with.
void compete(const std::string& what, std::size_t bytes, const std::vector<Contestant>& contestants) {
  std::vector<long> times;
  for (const Contestant& each : contestants) times.push_back(times_for_a_round(each));
  std::vector<std::vector<double>> seconds(contestants.size());
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < contestants.size(); ++i) seconds[i].push_back(seconds_each(contestants[i], times[i]));
  }
  const double own = median(seconds[0]);
  std::printf("%s, %zu bytes\n", what.c_str(), bytes);
  for (std::size_t i = 0; i < contestants.size(); ++i) {
    std::vector<double> ratios;  // of the same round
    for (int round = 0; round < kRounds; ++round) ratios.push_back(seconds[i][round] / seconds[0][round]);
    const double time = median(seconds[i]);
    std::printf("  %-18s %7.2fx   (%8.0f ns, %6.0f MB/s)\n", contestants[i].name.c_str(), median(ratios), time * 1e9,
                static_cast<double>(bytes) / time / 1e6);
  }
  std::printf("  %-18s %7s   spread of our own rounds: %.0f %%\n", "", "",
              100 * (*std::max_element(seconds[0].begin(), seconds[0].end()) / own - 1));
}

template <class T>
void compete_on(const std::string& name, const DocumentType& type, const T& object, const LibXml& libxml) {
  const std::string text = write_document(type, &object);
  const auto same = [&object](const T& read) { return read == object; };
  compete("read and validate " + name, text.size(),
          {{"codec", [&] { const auto result = read<T>(text, type); return result && same(*result); }},
           {"pugixml + checks", [&] { T read{}; return read_with_pugixml(text, type, &read) && same(read); }},
           {"libxml2 + schema", [&] { T read{}; return libxml.read(text, type, &read) && same(read); }}});
  compete("write " + name, text.size(),
          {{"codec", [&] { return write_document(type, &object).size() == text.size(); }},
           {"pugixml", [&] { return write_with_pugixml(type, &object).size() == text.size(); }},
           {"libxml2", [&] { return libxml.write(type, &object).size() == text.size(); }}});
}

msg::OrderRef order_ref() {
  return {msg::Kind::micro, "V1001", "2026-000042", 125, "USD", "2026-11-22T12:15:00Z",
          "45e87b576f07dde7674c82498322651e40919de70672941490b3575a37ae813c"};
}

micro::InquiryPayment inquiry() {
  micro::InquiryPayment message;
  message.head = {"1", msg::Profile::F, "H1", "W0123456789abcdef0123456789abcdef", "B7", "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb",
                  std::nullopt, "2026-11-22T12:00:03Z"};
  message.body.paycard = "P7";
  message.body.order_ref = order_ref();
  message.body.paycard_token = "+7iTS+RHUMkADyTH5k6aJ3OtwvJIe0Q+WFGohesEJiM=";
  return message;
}

micro::RequestOrderDeliveryResponse delivery() {
  micro::RequestOrderDeliveryResponse message;
  message.head = {"1", msg::Profile::F, "H1", "V1001", std::nullopt, "cccccccccccccccccccccccccccccccc",
                  "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb", "2026-11-22T12:00:06Z"};
  message.body.status.code = "QP-OK";
  message.body.delivery_id = "dddddddddddddddddddddddddddddddd";
  message.body.delivered_at = "2026-11-22T12:00:06Z";
  message.body.content = msg::Content{"text/plain", std::string(4000, 'Q')};
  return message;
}

// What a peer makes of the vectors, through an object of the right type.
template <class Read>
bool accepts_any(const vectors::CodecVector& vector, const Read& read) {
  const AnyDocument* document = find_document(vector.document);
  return read(vector.body, *document->type, document->object.make().get());
}

template <class Read>
void count_refusals(const char* name, const std::vector<vectors::CodecVector>& all, const Read& read) {
  std::array<long, 2> xml{};
  std::array<long, 2> schema{};
  long valid = 0;
  long valid_accepted = 0;
  for (const vectors::CodecVector& vector : all) {
    const bool accepted = accepts_any(vector, read);
    if (vector.code.empty()) {
      ++valid;
      valid_accepted += accepted;
      continue;
    }
    auto& [refused, total] = vector.code == "QP-E-XML" ? xml : schema;
    refused += !accepted;
    ++total;
  }
  std::printf("  %-18s refuses %ld of %ld outside the XML profile, %ld of %ld outside the tables; accepts %ld of %ld valid\n",
              name, xml[0], xml[1], schema[0], schema[1], valid_accepted, valid);
}

void count_all_refusals(const LibXml& libxml) {
  const auto loaded = vectors::load_codec_folder(kVectors);
  if (!loaded) {
    std::printf("no vectors: %s\n", loaded.error().c_str());
    return;
  }
  std::printf("%zu vectors of %s\n", loaded->size(), kVectors);
  count_refusals("codec", *loaded, [](const std::string& body, const DocumentType& type, void* object) {
    return read_document(body, type, object).has_value();
  });
  count_refusals("pugixml + checks", *loaded, read_with_pugixml);
  count_refusals("libxml2 + schema", *loaded, [&](const std::string& body, const DocumentType& type, void* object) {
    return libxml.read(body, type, object);
  });
}

}  // namespace
}  // namespace quickpay::codec::benchmark

int main() {
  using namespace quickpay::codec::benchmark;
  namespace micro = quickpay::msg::micro;
  const LibXml libxml;
  compete_on("InquiryPayment", micro::kInquiryPaymentDocument, inquiry(), libxml);
  compete_on("RequestOrderDeliveryResponse", micro::kRequestOrderDeliveryResponseDocument, delivery(), libxml);
  count_all_refusals(libxml);
  return 0;
}
