#include "conformance/reference_adapter/additions.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace quickpay::conformance {

namespace {
constexpr const char* kSomeVendor = "V1001";  // who hears what a broken Wallet says aloud
}

tl::expected<CardFiles, std::string> card_files_of(const OrderedJson& fixtures) {
  CardFiles files;
  for (const OrderedJson& one : fixtures.value("new_paycards", OrderedJson::array())) {
    const std::string broker = text_of(one, "broker"), product = text_of(one, "product");
    auto port = std::make_unique<paycard::LinkedCard>(text_of(one, "file_hash"));
    const auto manifest = port->start(paycard::name_of_product(broker, product));
    if (files.port || !manifest || manifest->version != text_of(one, "version")) {
      return tl::unexpected(fmt::format("new_paycards: the reference has one Paycard, which is not {} {} of {}", product,
                                        text_of(one, "version"), broker));
    }
    files.products.push_back({broker, product, {}, {}});
    files.port = std::move(port);
  }
  return files;
}

tl::expected<std::string, std::string> Additions::begin(const OrderedJson& args) {
  Addition addition;
  addition.gives_up = manners_.declines || text_of(args, "confirm") == "no";
  for (const OrderedJson& one : args.value("answers", OrderedJson::array())) {
    addition.answers[text_of(one, "prompt")] = text_of(one, "value");
  }
  if (manners_.says_codes_aloud) {
    (void)daemon_->node().open_link(kSomeVendor, text_of(args, "issue_code"));
  }
  const auto begun = daemon_->node().add_paycard(text_of(args, "product"), text_of(args, "issue_code"));
  if (begun) {
    additions_[*begun] = std::move(addition);  // before touch(): nothing has left yet, so nothing has been answered
  }
  daemon_->touch();
  return begun ? tl::expected<std::string, std::string>(*begun) : tl::unexpected(reject_reason_for(begun.error().reason));
}

std::optional<PurchaseEnd> Additions::end_of(const std::string& adding) const {
  const auto found = additions_.find(adding);
  return found == additions_.end() ? PurchaseEnd{false, "out-of-state", {}} : found->second.end;
}

void Additions::on_event(const roles::UserEvent& event) {
  const auto found = additions_.find(event.order);
  if (found == additions_.end()) {
    return;
  }
  Addition& addition = found->second;
  if (event.kind == "question") {
    addition.posed.emplace_back(std::strtoll(event.details.at("no").c_str(), nullptr, 10), event.text);
    if (addition.posed.size() == std::strtoul(event.details.at("of").c_str(), nullptr, 10)) {
      answer(event.order, addition);
    }
  } else if (event.kind == "tell" && event.text == "added") {
    addition.end = PurchaseEnd{true, {}, "READY"};
  } else if (event.kind == "tell" && event.text != "wrong-answers") {
    addition.end = PurchaseEnd{false, reject_reason_for(event.text), "ABSENT"};
  }
}

/// Runs inside a listener of the daemon: the node may be used, flushing is left to touch(). Who does not know what to say
/// gives up.
void Additions::answer(const std::string& adding, Addition& addition) {
  std::vector<std::pair<std::int64_t, std::string>> said;
  for (const auto& [no, prompt] : std::exchange(addition.posed, {})) {
    if (const auto known = addition.answers.find(prompt); known != addition.answers.end()) {
      said.emplace_back(no, known->second);
    }
  }
  if (addition.gives_up || !daemon_->node().answer_questions(adding, said)) {
    (void)daemon_->node().cancel(adding);
    addition.end = PurchaseEnd{false, reject_reason_for("declined"), "ABSENT"};
  }
  daemon_->touch();
}

}  // namespace quickpay::conformance
