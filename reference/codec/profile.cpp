#include "reference/codec/profile.hpp"

#include "reference/codec/leaf.hpp"

namespace quickpay::codec {
namespace {

bool keeps(const Field& field, std::size_t count, std::string_view profile) {
  for (const ProfileRule& rule : field.profiles) {
    if (rule.profile == profile && (count < rule.min || count > rule.max)) return false;
  }
  return true;
}

}  // namespace

// Recursion follows the nesting of types, which the tables limit.
std::optional<std::string_view> profile_breach(const StructType& type, const void* object, std::string_view profile) {
  for (const Field& field : type.fields) {
    if (field.condition != nullptr && !holds(*field.condition, type, object)) continue;
    const std::size_t count = field.access.count(object);
    if (!keeps(field, count, profile)) return field.name;
    if (field.type == nullptr) continue;
    for (std::size_t i = 0; i < count; ++i) {
      if (auto below = profile_breach(*field.type, field.access.at(object, i), profile)) return below;
    }
  }
  return {};
}

}  // namespace quickpay::codec
