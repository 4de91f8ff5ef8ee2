// Registrations that are refused, and what every server owes.
#include <memory>

#include "conformance/suites/families.hpp"
#include "conformance/suites/host_parts.hpp"

namespace quickpay::conformance {

namespace {

using ChangePaid = void (*)(World&, PaidOrder&);

struct RefusedNotice {
  const char* id;
  const char* title;
  const char* subject;
  std::vector<std::string> requirements;
  int number;
  const char* mutation;
  ChangePaid change;  ///< before the message is made
  bool open;          ///< the case was opened before, by the Broker
  const char* code;
  const char* twin;
  std::vector<Part> parts = {};
};

void strange_vendor(World& world, PaidOrder& paid) { set_text(paid.ref, "Vendor", world.cast().unknown_vendor); }
void strange_broker(World& world, PaidOrder& paid) { paid.broker = world.cast().unknown_broker; }
void other_sender(World& world, PaidOrder& paid) { paid.vendor = world.cast().other_vendor; }

const std::vector<RefusedNotice> kNotices = {
    {"register-commit.unknown-vendor",
     "A Vendor that was never issued is refused.",
     "H1",
     {"QP-MP-010"},
     6,
     "RegisterCommit.OrderRef.Vendor:=unknown",
     strange_vendor,
     false,
     "QP-E-VENDOR",
     "register-commit.first"},
    {"register-delivery.other-vendor",
     "Only the Vendor of the order registers its delivery.",
     "H6",
     {"QP-MP-011", "QP-SAFE-001"},
     7,
     "RegisterDelivery.Head.Sender:=another Vendor",
     other_sender,
     false,
     "QP-E-FORBIDDEN",
     "register-delivery.first",
     {Part::other_vendor}},
    {"register-delivery.open.other-vendor",
     "Only the Vendor of the order registers its delivery, also in an open case.",
     "H9",
     {"QP-MP-011", "QP-SAFE-001"},
     7,
     "OPEN RegisterDelivery.Head.Sender:=another Vendor",
     other_sender,
     true,
     "QP-E-FORBIDDEN",
     "register-delivery.first",
     {Part::other_vendor}},
    {"register-delivery.unknown-broker",
     "A Broker that was never issued is refused.",
     "H7",
     {"QP-MP-011"},
     7,
     "RegisterDelivery.Broker:=unknown",
     strange_broker,
     false,
     "QP-E-BROKER",
     "register-delivery.first"},
    {"register-delivery.two-faults",
     "Of a wrong sender and an unknown Broker the sender is named.",
     "H6 H7",
     {"QP-MP-011"},
     7,
     "RegisterDelivery.Head.Sender:=another Vendor & RegisterDelivery.Broker:=unknown",
     [](World& w, PaidOrder& p) { other_sender(w, p), strange_broker(w, p); },
     false,
     "QP-E-FORBIDDEN",
     "register-delivery.first",
     {Part::other_vendor}},
    {"register-order.unknown-vendor",
     "A reception from a Vendor that was never issued is refused.",
     "H13",
     {"QP-MP-012"},
     8,
     "RegisterOrder.OrderRef.Vendor:=unknown",
     strange_vendor,
     false,
     "QP-E-VENDOR",
     "register-order.first"},
    {"register-order.unknown-broker",
     "A reception paid by a Broker that was never issued is refused.",
     "H14",
     {"QP-MP-012"},
     8,
     "RegisterOrder.Broker:=unknown",
     strange_broker,
     false,
     "QP-E-BROKER",
     "register-order.first"},
    {"register-order.two-faults",
     "Of an unknown Vendor and an unknown Broker the Vendor is named.",
     "H13 H14",
     {"QP-MP-012"},
     8,
     "RegisterOrder.OrderRef.Vendor:=unknown & RegisterOrder.Broker:=unknown",
     [](World& w, PaidOrder& p) { strange_vendor(w, p), strange_broker(w, p); },
     false,
     "QP-E-VENDOR",
     "register-order.first"}};

Refusal notice_refused(Session& session, const RefusedNotice& one) {
  const auto paid = std::make_shared<PaidOrder>();
  Refusal refusal;
  refusal.reach = [&session, paid, one]() {
    Registrar registrar(session);
    *paid = registrar.order();
    return !one.open || session.world().send(registrar.commit(*paid)).ok();
  };
  refusal.stimulus = [&session, paid, one]() {
    PaidOrder changed = *paid;
    one.change(session.world(), changed);
    Sending sending = Registrar(session).notice(changed, one.number);
    sending.label = one.mutation;
    return session.world().send(std::move(sending));
  };
  refusal.codes = {one.code};
  refusal.benign = [&session]() { return Registrar(session).registers(); };
  return refusal;
}

/// What was refused once is refused again: it opened no case.
Refusal refused_again(Session& session, const RefusedNotice& one) {
  Refusal refusal = notice_refused(session, one);
  refusal.reach = [first = refusal.reach, send = refusal.stimulus, one]() { return first() && send().code == one.code; };
  return refusal;
}

FamilyBase base_of(int number) {
  FamilyBase base;
  base.message = number == 6 ? "RegisterCommit" : number == 7 ? "RegisterDelivery" : "RegisterOrder";
  base.twin = number == 6 ? "register-commit.first" : number == 7 ? "register-delivery.first" : "register-order.first";
  base.valid = [number](Session& session) {
    Registrar registrar(session);
    return registrar.notice(registrar.order(), number);
  };
  base.benign = [](Session& session) { return Registrar(session).registers(); };
  base.unserved = number == 6 ? "InquiryPayment" : number == 7 ? "CheckCommit" : "GetOrder";
  return base;
}

}  // namespace

void add_host_refusals(Suite& suite) {
  for (const RefusedNotice& one : kNotices) {
    suite.refused({.id = one.id,
                   .title = one.title,
                   .subject = one.subject,
                   .requirements = one.requirements,
                   .mutation = one.mutation,
                   .twin = one.twin,
                   .parts = one.parts},
                  [one](Session& session) { return notice_refused(session, one); });
  }
  suite.refused({.id = "register-commit.unknown-vendor-again",
                 .title = "A notice that was refused leaves no case behind.",
                 .subject = "H1 again",
                 .requirements = {"QP-MP-010"},
                 .mutation = "RegisterCommit.OrderRef.Vendor:=unknown, twice",
                 .twin = "register-commit.first"},
                [](Session& session) { return refused_again(session, kNotices.front()); });
}

void add_host_families(Suite& suite) {
  add_xml_family(suite, base_of(6),
                 {"comment", "doctype", "external-entity", "numeric-reference", "attribute", "schema-then-xml",
                  "lone-continuation"});
  add_xml_family(suite, base_of(7),
                 {"cdata", "entity-bomb", "instruction", "blank-before-declaration", "second-root", "long-name"});
  add_xml_family(
      suite, base_of(8),
      {"comment-in-front", "byte-order-mark", "blank-in-namespace", "name-with-dash", "blank-in-tag", "too-deep"});
  add_rest_of_xml_family(suite, base_of(6));
  add_schema_family(suite, base_of(6), 10);
  add_schema_family(suite, base_of(7), 10);
  add_schema_family(suite, base_of(8), 10);
  for (const int number : {6, 7, 8}) {
    add_head_family(suite, base_of(number));
    add_repeat_family(suite, base_of(number));
    add_auth_family(suite, base_of(number));
  }
  add_http_family(suite, base_of(6));
}

}  // namespace quickpay::conformance
