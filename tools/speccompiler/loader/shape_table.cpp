#include "tools/speccompiler/loader/shape.hpp"

namespace quickpay::spec {

// S: `since` is required; O: it is optional.
#define QP_S "since:version deprecated:version? replaced-by:name? req:names?"
#define QP_O "since:version? deprecated:version? replaced-by:name? req:names?"

namespace {

constexpr ElementShape kShapes[] = {
    {"", "spec", "id:name version:version namespace:text signature-prefix:text " QP_S, false, false},
    {"spec", "include", "file:text", false, false},
    {"spec", "requirements", "", false, false},
    {"requirements", "requirement",
     "id:name level:MUST|MUST-NOT|SHOULD|SHOULD-NOT|MAY|ASSUME|CLAIM reading:stated|inferred|added? section:text? "
     "roles:names? test:names? "
     "since:version deprecated:version? replaced-by:name?",
     true, false},
    {"spec", "exclusions", "", false, false},
    {"exclusions", "exclusion", "reason:text until:text", false, false},
    {"exclusion", "requirement", "ref:name", false, false},
    {"spec", "decisions", "", false, false},
    {"decisions", "decision", "id:name class:contradiction|ambiguity|hole|editorial " QP_S, false, false},
    {"decision", "question", "", true, true},
    {"decision", "resolution", "", true, true},
    {"spec", "roles", "", false, false},
    {"roles", "role", "id:name name:text prefix:text? id-type:name? " QP_S, true, false},
    {"roles", "component", "id:name name:text prefix:text? id-type:name? of:name " QP_S, true, false},
    {"spec", "parameters", "", false, false},
    {"parameters", "parameter",
     "id:name default:text? unit:name? min:number? max:number? owner:names? derived:text? " QP_S, true, false},
    {"spec", "errors", "", false, false},
    {"errors", "order", "", false, true},
    {"order", "step", "no:number id:name outcome:name req:names?", true, false},
    {"errors", "error", "code:name retry:none|no|same|new step:number anywhere:yesno? " QP_S, true, false},
    {"spec", "types", "", false, false},
    {"types", "type",
     "id:name pattern:text? charset:text? store:text|integer? min-bytes:number? max-bytes:number? "
     "sensitive:pseudonym|secret? " QP_S,
     true, false},
    {"type", "value", "name:name", false, false},
    {"type", "exclude", "from:hex to:hex", false, false},
    {"spec", "common", "", false, false},
    {"common", "profile", "id:name " QP_S, true, false},
    {"common", "family", "id:name max-body-bytes:number max-elements:number max-depth:number? " QP_S, true, false},
    {"common", "envelope",
     "head:name body:name tail:name? tail-type:name? request-head:name response-head:name "
     "anonymous-request-head:name? open-request-head:name? "
     "anonymous-response-head:name? status:name status-type:name ok-path:path ok-value:text response-suffix:name "
     "extension:name? extension-type:name? extension-max:number?",
     false, true},
    {"common protocol plugin", "struct", "id:name " QP_S, false, false},
    {"common protocol", "variant", "id:name of:name " QP_S, false, false},
    {"variant", "narrow", "field:name card:card", false, false},
    {"struct request response present choice", "field",
     "name:name type:name card:card? max-bytes:number? fixed:text? " QP_O, true, false},
    {"struct request response", "present", "when:path equals:text? not-equals:text?", false, false},
    {"struct request response present", "choice", "", false, false},
    {"field", "profile", "id:name card:card", false, false},
    {"field", "where", "field:path equals:text", false, false},
    {"spec", "protocol", "id:name family:name " QP_S, false, false},
    {"protocol", "message",
     "id:name no:name from:names to:name path:text? local:yesno? notice:yesno? anonymous:yesno? open:yesno? tail:names? " QP_S, false, false},
    {"message", "request", "inner:name?", false, true},
    {"message", "response", "inner:name?", false, true},
    {"message", "errors", "codes:names", false, true},
    {"message", "sender", "", false, true},
    {"message", "receiver", "", false, true},
    {"sender receiver", "rule", "req:names", true, false},
    {"protocol", "machine", "id:name role:name key:names initial:name " QP_S, false, false},
    {"machine", "state", "id:name terminal:yesno? " QP_O, true, false},
    {"machine", "variable", "id:name type:bool|enum values:names? initial:name " QP_O, true, false},
    {"machine", "event",
     "id:name kind:request|response|timer|action|fetch message:name? timer:name? codes:names? "
     "classes:names? " QP_O,
     true, false},
    {"machine", "predicate", "id:name over:message|record|now observable:wire|own abstract:text " QP_O, true, false},
    {"machine", "implies", "if:name then:name", false, false},
    {"machine", "action", "id:name " QP_O, true, false},
    {"machine", "port", "id:name protocol:name? machine:name? event:name? " QP_O, true, false},
    {"machine", "on", "state:names event:name", false, false},
    {"on", "case", "id:name if:text to:name do:text " QP_O, true, false},
    {"on", "otherwise", "id:name to:name do:text " QP_O, true, false},
    {"machine", "default", "id:name? kind:request|response|timer|action|fetch event:name? classes:names? do:text " QP_O,
     true, false},
    {"protocol", "scenario", "id:name " QP_O, false, false},
    {"scenario", "step", "machine:name event:name with:words? row:name", false, false},
    {"spec", "properties", "id:name " QP_S, false, false},
    {"properties", "option", "id:name " QP_O, true, false},
    {"properties", "instance", "id:name machine:name content:text? with:name? without:name? to:name? " QP_O, true, false},
    {"properties", "ghost", "id:name max:number shared:names? " QP_O, true, false},
    {"properties", "observe", "instance:name effect:text ghost:name change:set|add|take value:text if:text?", true, false},
    {"properties", "follow", "instance:name effect:text to:name event:text if:text?", true, false},
    {"properties", "permit", "instance:name event:name if:text", true, false},
    {"properties", "assume", "instance:name predicate:name usual:yesno is:text? forged-open:text?", true, false},
    {"properties", "authentic", "message:name protocol:name? profiles:names", true, false},
    {"properties", "property",
     "id:name kind:always|at-end|possible|inevitable goal:name? from:text? holds:text twin:text twin-in:names in:names? " QP_O, true,
     false},
    {"properties", "configuration",
     "id:name orders:number? loss:number? duplication:number? crashes:number? forgeries:number? world:usual|any "
     "timers:eager|lazy profile:name? liars:names? suspended:names? with:text? players:text? fails:names? column:text? deep:yesno? " QP_O,
     true, false},
    {"properties", "unreached", "machine:name row:text", true, false},
    {"properties", "unseen", "req:names tests:text?", true, false},
    {"properties", "aim", "id:name by:names? tests:text? " QP_O, true, false},
    {"properties", "claim", "id:name says:text verdict:true|true-if|false holds:text? fails:text? tests:text? " QP_O, true, false},
    {"spec", "plugin", "id:name abi:number prefix:name " QP_S, false, false},
    {"plugin", "result", "id:name value:number " QP_O, true, false},
    {"plugin", "entry", "id:name max-bytes:number " QP_O, true, false},
    {"plugin", "service", "id:name " QP_O, false, false},
    {"plugin", "call", "id:name bare:yesno? " QP_O, false, false},
    {"service call", "in", "name:name max-bytes:number struct:name? " QP_O, true, false},
    {"service call", "out", "name:name max-bytes:number struct:name? " QP_O, true, true},
    {"spec struct variant protocol message machine scenario properties plugin service call", "text", "", true, true},
};

}  // namespace

std::span<const ElementShape> element_shapes() { return kShapes; }

#undef QP_S
#undef QP_O

}  // namespace quickpay::spec
