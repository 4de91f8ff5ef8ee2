// Goods behind a Location: the feature `location` of a Vendor, claimed or denied.
#include <fmt/format.h>

#include <memory>

#include "conformance/suites/http_cases.hpp"
#include "conformance/suites/vendor_parts.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::string_view kScheme = "http://";
constexpr const char* kForeignTicket = "00112233445566778899aabbccddeeff";

/// What a Location says, and the authority and path of its Url.
struct Place {
  std::string ticket;
  std::string authority;
  std::string path;
};

std::optional<Place> place_of(const Element& answer) {
  const std::string url = text_at(answer, "Body/Location/Url");
  const std::size_t slash = url.find('/', kScheme.size());
  if (!url.starts_with(kScheme) || slash == std::string::npos) {
    return std::nullopt;
  }
  return Place{text_at(answer, "Body/Location/Ticket"), url.substr(kScheme.size(), slash - kScheme.size()), url.substr(slash)};
}

std::string own_authority(World& world) {
  return fmt::format("{}:{}", world.iut_address().address, world.iut_address().port);
}

/// A plain GET, as a Wallet sends it; without a ticket the header is left out.
Reply fetch(Session& session, const Place& place, const std::string& ticket) {
  World& world = session.world();
  Sending sending;
  sending.from = world.cast().wallet;
  sending.path = place.path;
  sending.label = ticket == place.ticket ? "goods fetched" : "goods fetched with another ticket";
  sending.http = http_assembled("GET " + place.path + " HTTP/1.1",
                                "Host: " + place.authority + "\r\n" +
                                    (ticket.empty() ? std::string() : "QuickPay-Ticket: " + ticket + "\r\n"),
                                {});
  return world.send(std::move(sending));
}

void delivers(Session& session, const std::string& check) {
  Buyer buyer(session);
  const Reply sold = buyer.buy();
  const auto place = place_of(sold.document);
  if (!sold.ok() || !place) {
    return judge(session, check, false, "a Location", sold.ok() ? "no Location" : outcome_text(sold), sold.entries);
  }
  if (place->authority != own_authority(session.world())) {
    return judge(session, check, false, "a Url at the Vendor's own endpoint", place->authority, sold.entries);
  }
  const Reply goods = fetch(session, *place, place->ticket);
  judge(session, check, goods.http_status == 200 && goods.body == buyer.item(0)->data, "the goods that were ordered",
        fmt::format("HTTP {}, {} bytes", goods.http_status, goods.body.size()), goods.entries);
}

Refusal guarded(Session& session, const std::string& ticket) {
  const auto place = std::make_shared<Place>();
  Refusal refusal;
  refusal.reach = [&session, place]() {
    const Reply sold = Buyer(session).buy();
    const auto found = place_of(sold.document);
    *place = found.value_or(Place{});
    return found.has_value();
  };
  refusal.stimulus = [&session, place, ticket]() { return fetch(session, *place, ticket); };
  refusal.forbidden = [](const Entry& entry) {  // the answer to a message has a code
    return entry.by_iut && entry.kind == EntryKind::response && entry.http_status == 200 && entry.code.empty();
  };
  refusal.forbidden_text = "no goods without their ticket";
  refusal.benign = [&session]() { return Buyer(session).buys(); };
  return refusal;
}

/// Who denies the feature is told to deliver by a URL all the same, and hands the goods over inline.
void inline_only(Session& session, const std::string& check) {
  Buyer buyer(session);
  const Reply sold = buyer.buy();
  const bool right = sold.ok() && goods_of(sold.document) == buyer.item(0)->data;
  judge(session, check, right, "the goods inline", sold.ok() ? "other goods, or a Location" : outcome_text(sold), sold.entries);
}

}  // namespace

void add_vendor_locations(Suite& suite) {
  suite.positive({.id = "location.delivers",
                  .title = "Goods behind a Location come for their ticket, from an endpoint of the Vendor.",
                  .subject = "Location",
                  .requirements = {"QP-MP-002"},
                  .mutation = "goods:by Location",
                  .level_e = false,
                  .feature = "location"},
                 [check = suite.name("location.delivers")](Session& s) { delivers(s, check); }, by_location);
  suite.refused({.id = "location.no-ticket",
                 .title = "Goods behind a Location are not for who brings no ticket.",
                 .subject = "Location.Ticket",
                 .requirements = {"QP-MP-002"},
                 .mutation = "QuickPay-Ticket:absent",
                 .twin = "location.delivers",
                 .level_e = false,
                 .feature = "location"},
                [](Session& s) { return guarded(s, {}); }, by_location);
  suite.refused({.id = "location.other-ticket",
                 .title = "Goods behind a Location are not for who brings another ticket.",
                 .subject = "Location.Ticket",
                 .requirements = {"QP-MP-002"},
                 .mutation = "QuickPay-Ticket:=another",
                 .twin = "location.delivers",
                 .level_e = false,
                 .feature = "location"},
                [](Session& s) { return guarded(s, kForeignTicket); }, by_location);
  suite.positive({.id = "location.denied",
                  .title = "Who does not claim to deliver by URL hands the goods over inline.",
                  .subject = "Location",
                  .requirements = {"QP-MP-002"},
                  .mutation = "goods:by Location, feature denied",
                  .level_e = false,
                  .feature = "location",
                  .without_feature = true},
                 [check = suite.name("location.denied")](Session& s) { inline_only(s, check); }, by_location);
}

}  // namespace quickpay::conformance
