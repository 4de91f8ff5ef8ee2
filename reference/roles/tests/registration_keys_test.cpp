// The key that a Vendor gets when it registers in profile H: that it counts, how long, and for whom.
#include <gtest/gtest.h>

#include <set>

#include "reference/roles/tests/registering.hpp"

namespace quickpay::roles {
namespace {

struct RegistrationInH : testing::Test {
  RegistrationInH() : host(in_h()) {}
  static NodeConfig in_h() {
    NodeConfig config = registering();
    config.profile = "H";
    return config;
  }
  Single host;
  Newcomer shop{host};
  const std::string reply_key = std::string(32, 'r');
  std::string nonce = std::string(32, '1');

  admin::RegisterVendor registration() {
    auto request = shop.registration();
    request.head.profile = msg::Profile::H;
    const msg::RegisterVendorInner inner{crypto::to_hex(reply_key), nonce};
    const auto& type = admin::kRegisterVendorMessage;
    crypto::CryptoCounters counters;
    const auto made =
        crypto::seal(key_of("broker").public_key(), codec::write_document(*type.request_inner, &inner),
                     crypto::box_context(type.request->root, msg::kHeadType, &request.head), host.ids, counters);
    request.body.sealed = {made->key_id, made->wrapped_key, made->boxed.nonce, made->boxed.box};
    return request;
  }
  std::optional<msg::RegisterVendorResponseInner> key() {
    if (!shop.boxed) return std::nullopt;
    const auto& type = admin::kRegisterVendorMessage;
    const auto plain = crypto::unbox(reply_key, {shop.boxed->nonce, shop.boxed->box},
                                     crypto::box_context(type.response->root, msg::kHeadType, &shop.answered_head));
    if (!plain) return std::nullopt;
    auto inner = codec::read<msg::RegisterVendorResponseInner>(plain->view(), *type.response_inner);
    return inner ? std::optional(*inner) : std::nullopt;
  }
  template <class Request>
  Request authentic_by(Request request, const codec::MessageType& type, const EpochKey& key) {
    Document<Request> document;
    request.head.profile = msg::Profile::H;
    document.value = request;
    authenticate(*type.request, document, key);
    return document.value;
  }
};

// QP-ADD-21: the key that a Vendor gets is the one that counts, from the first request on and after a restart.
TEST_F(RegistrationInH, GivesAKeyThatCounts) {
  const auto request = registration();
  ASSERT_EQ(shop.send(request), "");
  ASSERT_EQ(shop.answer_probe(), "QP-OK");
  const auto given = key();
  ASSERT_TRUE(given);
  EXPECT_EQ(given->nonce, nonce);
  EXPECT_EQ(given->shared.epoch, 1);
  EXPECT_EQ(given->shared.valid_to, format_time(kNoon + protocol::T_epoch_default * 1000));
  const EpochKey right{1, *crypto::from_hex(given->shared.key)};
  for (int life = 0; life < 2; ++life, host.restart()) {
    EXPECT_EQ(shop.send(authentic_by(shop.update({}, "A"), admin::kUpdateVendorMessage, right), "127.0.9.9"), "QP-OK")
        << "from anywhere";
    EXPECT_EQ(shop.send(authentic_by(shop.update({}, "B"), admin::kUpdateVendorMessage, {1, std::string(32, 'x')})),
              "QP-E-FORBIDDEN");
    EXPECT_EQ(shop.send(authentic_by(shop.update({}, "B"), admin::kUpdateVendorMessage, {2, right.key})),
              "QP-E-FORBIDDEN");
  }
  EXPECT_EQ(entry_of(host, shop.id), std::nullopt) << "asked in profile F";
  EXPECT_EQ(shop.send(authentic_by(shop.leaving(), admin::kUnregisterVendorMessage, right)), "QP-OK");
  EXPECT_EQ(shop.send(authentic_by(shop.leaving(), admin::kUnregisterVendorMessage, right)), "QP-E-GONE")
      << "and it can be told so";
}

TEST_F(RegistrationInH, TheKeyHasAnEnd) {  // QP-ADD-21
  ASSERT_EQ(shop.send(registration()), "");
  ASSERT_EQ(shop.answer_probe(), "QP-OK");
  const EpochKey right{1, *crypto::from_hex(key()->shared.key)};
  host.clock.now = kNoon + protocol::T_epoch_default * 1000 + 999;
  EXPECT_EQ(shop.send(authentic_by(shop.update({}, "A"), admin::kUpdateVendorMessage, right)), "QP-OK");
  host.clock.now += 1;
  EXPECT_EQ(shop.send(authentic_by(shop.update({}, "A"), admin::kUpdateVendorMessage, right)), "QP-E-FORBIDDEN");
}

TEST_F(RegistrationInH, EveryRegistrationHasAnotherKey) {  // QP-ADD-21
  std::set<std::string> keys;
  for (std::uint16_t port = 9000; port < 9004; ++port) {
    shop.place.port = port;
    ASSERT_EQ(shop.send(registration()), "");
    ASSERT_EQ(shop.answer_probe(), "QP-OK");
    keys.insert(key()->shared.key);
  }
  EXPECT_EQ(keys.size(), 4u);
}

TEST_F(RegistrationInH, WantsWhatIsSealedToOpen) {  // QP-ADD-21
  auto bare = registration();
  bare.body.sealed.reset();
  EXPECT_EQ(shop.send(bare), "QP-E-PROFILE");
  auto spoilt = registration();
  spoilt.body.sealed->box[0] = spoilt.body.sealed->box[0] == 'A' ? 'B' : 'A';
  EXPECT_EQ(shop.send(spoilt), "QP-E-FORBIDDEN");
  EXPECT_TRUE(host.last.calls.empty());
}

}  // namespace
}  // namespace quickpay::roles
