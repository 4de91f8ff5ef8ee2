// The IR: one typed tree that holds everything a specification says. Emitters read this tree and nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/speccompiler/ir/common.hpp"
#include "tools/speccompiler/ir/property_set.hpp"

namespace quickpay::spec {

enum class Storage { text, integer, enumeration };

struct CodePointRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};

/// A leaf type: a regular language (`pattern`), a closed list (`values`), or XML text without `excluded`.
struct Type : Common {
  Storage storage = Storage::text;
  std::string pattern;
  std::vector<std::string> values;
  bool charset_text = false;
  std::vector<CodePointRange> excluded;
  std::uint32_t min_bytes = 0;
  std::optional<std::uint32_t> max_bytes;
  std::string sensitive;  ///< why values must not spread: pseudonym | secret; empty: they may
};

/// A field counts only where the leaf at `path` (relative to the enclosing struct) equals, or does not equal, `value`.
struct Condition {
  std::vector<std::string> path;
  std::string value;
  bool negated = false;
};

/// In profile `profile` the field's cardinality is narrowed to [min, max].
struct ProfileRule {
  std::string profile;
  std::uint32_t min = 0;
  std::uint32_t max = 0;
};

/// A leaf below this field is fixed to one value (`<where field= equals=>`).
struct Where {
  std::vector<std::string> path;
  std::string value;
};

struct Field : Common {  // id is the element name
  std::string type;      ///< id of a Type or a Struct
  bool is_struct = false;
  std::uint32_t min = 1;
  std::uint32_t max = 1;
  std::optional<std::uint32_t> max_bytes;  ///< narrows the type's
  std::string fixed;                       ///< the only value allowed, or empty
  int choice = 0;  ///< fields with the same non-zero number are alternatives, exactly one occurs
  std::optional<Condition> condition;
  std::vector<ProfileRule> profiles;
  std::vector<Where> where;
};

/// A sequence of fields. A variant (`of` not empty) has the same C++ type as `of` and narrower cardinalities.
struct Struct : Common {
  std::string of;
  std::string protocol;  ///< empty: shared by all protocols
  std::string plugin;    ///< the plug-in whose interface it belongs to, or empty
  std::vector<Field> fields;
};

struct Rule {
  std::vector<std::string> requirements;
  std::string text;
  Location at;
};

/// A document: root element `root`, children as the envelope says. `body` includes Status (responses) and Ext.
struct Document {
  std::string root, head;  ///< head: id of the Head struct or variant; empty for a local message
  std::string inner;  ///< id of the struct that is a document of its own inside this one, encrypted; or empty
  std::vector<Field> body;
};

struct Message : Common {
  std::string protocol;
  std::string number;  ///< MP1 …
  std::vector<std::string> from;  ///< roles that may send it; one for a local message
  std::string to;
  std::string path;
  bool local = false;
  bool notice = false;
  bool anonymous = false;
  bool open = false;  ///< the sender may leave out who it is
  std::vector<std::string> tail;  ///< profiles in which its documents end with the envelope's tail
  Document request;
  Document response;
  std::vector<std::string> errors;  ///< codes in the order in which they are checked
  std::vector<Rule> sender;
  std::vector<Rule> receiver;
};

struct State : Common {
  bool terminal = false;
};

struct Variable : Common {
  std::vector<std::string> values;  ///< bool is {"no","yes"}
  std::string initial;
};

enum class EventKind { request, response, timer, action, fetch };

struct Event : Common {
  EventKind kind = EventKind::request;
  std::string message;
  std::string timer;
  std::vector<std::string> codes;    ///< response: these codes (they win over classes)
  std::vector<std::string> classes;  ///< response, fetch: ok | no | new | same | fail
};

struct Predicate : Common {
  std::string over;         ///< message | record | now
  std::string observable;   ///< wire | own
  std::string abstraction;  ///< `any`, or an expression over abstract fields
};

struct Implication {
  std::string if_predicate;
  std::string then_predicate;
  Location at;
};

struct Port : Common {
  std::string protocol;  ///< hand-over to another protocol
  std::string machine;   ///< or to another machine of this one …
  std::string event;     ///< … as this event
};

/// One effect: a verb of the language with its arguments, e.g. {"reply", {"QP-E-MISMATCH"}}.
struct Effect {
  std::string verb;
  std::vector<std::string> arguments;
  bool operator==(const Effect&) const = default;
};

/// A comparison of a variable with a value; true or false for every snapshot.
struct Atom {
  std::string variable;
  std::string value;
  bool negated = false;
  bool operator==(const Atom&) const = default;
};

/// One case of a block, as written.
struct Case : Common {
  std::string condition;  ///< empty for `otherwise`
  std::string to;         ///< a state, or `same`
  std::vector<Effect> effects;
};

/// All cases of some states and one event, in the order in which they are tried.
struct Block {
  std::vector<std::string> states;
  std::string event;
  std::vector<Case> cases;
  Location at;
};

/// One row after expansion: rows of a (state, event) exclude each other and together are total.
/// Bit i of mask/value is predicate i; bit (number of predicates + j) is atom j of the machine.
struct Row {
  std::string id;  ///< case id, `@STATE` if the block has several states, `.n` if the case needs several cubes
  std::string case_id;
  std::string state;
  std::string event;
  std::string to;
  std::uint64_t mask = 0;
  std::uint64_t value = 0;
  std::vector<Effect> effects;
  std::vector<std::string> requirements;
};

/// What happens to an event in a state without a block: the first default that fits; the state stays.
struct Default : Common {
  EventKind kind = EventKind::request;
  std::string event;                 ///< one event, or empty
  std::vector<std::string> classes;  ///< events having one of these classes, or empty for all
  std::vector<Effect> effects;
};

struct Machine : Common {
  std::string protocol;
  std::string role;
  std::vector<std::string> key;
  std::string initial;
  std::vector<State> states;
  std::vector<Variable> variables;
  std::vector<Event> events;
  std::vector<Predicate> predicates;
  std::vector<Implication> implications;
  std::vector<Common> actions;
  std::vector<Port> ports;
  std::vector<Block> blocks;
  std::vector<Default> defaults;
  // filled by expansion
  std::vector<Atom> atoms;
  std::vector<Row> rows;
  /// Index into `defaults` for each event, or -1.
  std::vector<int> default_of_event;
};

struct ScenarioStep {
  std::string machine;
  std::string event;
  std::vector<std::string> with;  ///< predicates that are true
  std::string row;                ///< the case id that must be taken
  Location at;
};

struct Scenario : Common {
  std::string protocol;
  std::vector<ScenarioStep> steps;
};

/// A party of messages, or a component inside one (`of` not empty).
struct Role : Common {
  std::string name;
  std::string prefix;
  std::string id_type;  ///< id of the Type of its identifiers, or empty
  std::string of;
};

struct Parameter : Common {
  std::string default_value;
  std::string unit;
  std::string min;
  std::string max;
  std::string owner;
  std::string derived;
};

struct ErrorCode : Common {  // id is the code
  std::string retry;         ///< none | no | same | new
  int step = 0;
  bool anywhere = false;  ///< every message may be answered with it, whether it lists it or not
};

struct ProcessingStep : Common {
  int number = 0;
  std::string outcome;
};

struct Requirement : Common {
  std::string level;
  std::string reading;
  std::string section;
  std::vector<std::string> roles;
  std::vector<std::string> tests;
};

struct Exclusion {
  std::string reason;
  std::string until;
  std::vector<std::string> requirements;
  Location at;
};

struct Decision : Common {
  std::string kind;  ///< contradiction | ambiguity | hole | editorial
  std::string question;
  std::string resolution;
};

struct Profile : Common {};

struct Family : Common {
  std::uint32_t max_body_bytes = 0;
  std::uint32_t max_elements = 0;
  std::uint32_t max_depth = 8;
};

/// How a document is laid out: root{head, body{…, extension*}, tail?}.
struct Envelope {
  std::string head = "Head";
  std::string body = "Body";
  std::string tail_name;  ///< e.g. Auth; optional last child of the root
  std::string tail_type;
  std::string status_name;  ///< first child of a response's body …
  std::string status_type;
  std::vector<std::string> ok_path;  ///< … whose leaf, if equal to ok_value, makes result fields present
  std::string ok_value;
  std::string extension_name;  ///< last children of every body
  std::string extension_type;
  std::uint32_t extension_max = 0;
  std::string request_head, anonymous_request_head, open_request_head, response_head, anonymous_response_head;
  std::string response_suffix = "Response";
};

struct Protocol : Common {
  std::string family;
};

/// What a call of a plug-in takes or gives: bytes, at most `max_bytes` of them.
struct PluginValue : Common {
  std::uint32_t max_bytes = 0;
  std::string type;  ///< the Struct whose canonical encoding the bytes are, or empty
};

/// A function that a plug-in offers, or a service that its container offers it.
struct PluginCall : Common {
  bool bare = false;  ///< needs no instance of the plug-in
  std::vector<PluginValue> in;
  std::vector<PluginValue> out;  ///< at most one
};

struct PluginResult : Common {
  std::uint32_t value = 0;
};

/// A binary interface between a program and code that somebody else wrote for it.
struct Plugin : Common {
  std::uint32_t abi = 0;
  std::string prefix;  ///< of the names of the interface
  std::vector<PluginResult> results;
  std::vector<PluginValue> entries;  ///< keys of the plug-in's store that have a meaning for its container
  std::vector<PluginCall> services;
  std::vector<PluginCall> calls;
};

struct Spec : Common {
  std::string version;
  std::string xml_namespace;
  std::string signature_prefix;  ///< first bytes of every canonical input
  Envelope envelope;
  std::vector<Profile> profiles;
  std::vector<Family> families;
  std::vector<Role> roles;
  std::vector<Type> types;
  std::vector<Struct> structs;
  std::vector<Parameter> parameters;
  std::vector<ErrorCode> errors;
  std::vector<ProcessingStep> processing;
  std::vector<Requirement> requirements;
  std::vector<Exclusion> exclusions;
  std::vector<Decision> decisions;
  std::vector<Protocol> protocols;
  std::vector<Message> messages;
  std::vector<Machine> machines;
  std::vector<Scenario> scenarios;
  std::vector<PropertySet> property_sets;
  std::vector<Plugin> plugins;
};

/// The message of that name in a protocol, or null: a name belongs to its family, and others may use it again.
inline const Message* find_message(const Spec& spec, const std::string& protocol, const std::string& id) {
  for (const Message& message : spec.messages) {
    if (message.id == id && message.protocol == protocol) return &message;
  }
  return nullptr;
}

}  // namespace quickpay::spec
