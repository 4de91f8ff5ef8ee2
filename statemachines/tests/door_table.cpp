#include <array>

#include "statemachines/tests/door.hpp"

namespace quickpay::statemachines::door {
namespace {

using Names = std::span<const std::string_view>;

constexpr StateInfo kStates[] = {{"SHUT", false}, {"OPEN", false}, {"BROKEN", true}};
constexpr std::string_view kLocked[] = {"no", "yes"};
constexpr VariableInfo kVariables[] = {{"locked", kLocked, 1}};
constexpr EventInfo kEvents[] = {
    {"push", EventKind::action, "", "", {}, {}, -1},
    {"pull", EventKind::action, "", "", {}, {}, -1},
    {"kick", EventKind::action, "", "", {}, {}, 0},
    {"wind", EventKind::timer, "", "wind", {}, {}, 0},
};
constexpr PredicateInfo kPredicates[] = {
    {"has_key", "the key is at hand", "record", true},
    {"strong", "the kick is strong", "message", false},
};
constexpr AtomInfo kAtoms[] = {{0, 0, false}};  // locked == no
constexpr EffectInfo kEffects[] = {
    {"tell locked", Verb::tell, "locked", "", 0, 0},    {"set locked yes", Verb::set, "locked", "yes", 0, 1},
    {"set locked no", Verb::set, "locked", "no", 0, 0}, {"perform swing", Verb::perform, "swing", "", 0, 0},
    {"alarm", Verb::alarm, "", "", 0, 0},               {"ignore", Verb::ignore, "", "", 0, 0},
};
constexpr EffectId kSwing[] = {3};
constexpr EffectId kUnlock[] = {2, 3};
constexpr EffectId kTell[] = {0};
constexpr EffectId kLock[] = {3, 1};
constexpr EffectId kAlarm[] = {4};
constexpr EffectId kIgnore[] = {5};
constexpr std::string_view kDoor1[] = {"DOOR-1"};
constexpr RowInfo kRows[] = {
    {"D1", 0, 0, 1, 0b100, 0b100, kSwing, kDoor1}, {"D2", 0, 0, 1, 0b101, 0b001, kUnlock, kDoor1},
    {"D3", 0, 0, 0, 0b101, 0b000, kTell, kDoor1},  {"D4", 1, 1, 0, 0b000, 0b000, kLock, {}},
    {"D5@SHUT", 0, 2, 2, 0b010, 0b010, kAlarm, {}}, {"D5@OPEN", 1, 2, 2, 0b010, 0b010, kAlarm, {}},
};
constexpr DefaultInfo kDefaults[] = {{"default-1", kIgnore, {}}};
constexpr MachineTable kTable = {"door.door", "door", "doors", kStates, kVariables, kEvents, kPredicates,
                                 kAtoms,      {},     kEffects, {},      kRows,      kDefaults, 0};

}  // namespace

const MachineTable& table() { return kTable; }

}  // namespace quickpay::statemachines::door
