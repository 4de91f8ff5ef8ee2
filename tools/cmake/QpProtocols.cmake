# Which protocols of the specification are built in (QP_PROTOCOLS), and which rooms need them all.
cmake_minimum_required(VERSION 3.25)  # the tests run this file by itself: cmake -P
set(QP_PROTOCOLS "" CACHE STRING "Protocols to build in, micropayment among them (semicolon list); empty: all that the specification has")

set(QP_SPEC_PROTOCOLS "")
set(ir_file "${CMAKE_SOURCE_DIR}/spec/quickpay-1.0/generated/ir.json")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${ir_file}")
file(READ "${ir_file}" ir)
string(JSON entries GET "${ir}" protocols)
string(JSON count LENGTH "${entries}")
math(EXPR last "${count} - 1")
foreach(i RANGE ${last})
  string(JSON name GET "${entries}" ${i} id)
  list(APPEND QP_SPEC_PROTOCOLS ${name})
endforeach()

# QP_MACHINES_OF_<protocol>: the ids of its machines.
string(JSON entries GET "${ir}" machines)
string(JSON count LENGTH "${entries}")
math(EXPR last "${count} - 1")
foreach(i RANGE ${last})
  string(JSON machine GET "${entries}" ${i})
  string(JSON name GET "${machine}" id)
  string(JSON protocol GET "${machine}" protocol)
  list(APPEND QP_MACHINES_OF_${protocol} ${name})
endforeach()
unset(ir)
unset(entries)
unset(machine)

foreach(name IN LISTS QP_PROTOCOLS)
  if(NOT name IN_LIST QP_SPEC_PROTOCOLS)
    list(JOIN QP_SPEC_PROTOCOLS ", " known)
    message(FATAL_ERROR "QP_PROTOCOLS names \"${name}\", which is no protocol of the specification. It has: ${known}")
  endif()
endforeach()
# What the parts of the roles use of one another. A protocol that uses more than it needs by this list does not link in the
# tests sim_without_*.
set(QP_BASE_PROTOCOL micropayment)
set(QP_NEEDS_OF_revoke regular settlement)  # it takes back claims and debts, of regular orders only
if(QP_PROTOCOLS AND NOT QP_BASE_PROTOCOL IN_LIST QP_PROTOCOLS)
  message(FATAL_ERROR "QP_PROTOCOLS leaves out ${QP_BASE_PROTOCOL}, on which all others are built")
endif()

foreach(name IN LISTS QP_PROTOCOLS)
  foreach(needed IN LISTS QP_NEEDS_OF_${name})
    if(NOT needed IN_LIST QP_PROTOCOLS)
      message(FATAL_ERROR "QP_PROTOCOLS has ${name} without ${needed}, which it needs: add ${needed}, or leave out ${name}")
    endif()
  endforeach()
endforeach()

# QP_BUILT_PROTOCOLS: those of this build, in the order of the specification. QP_WHOLE: they are all.
set(QP_BUILT_PROTOCOLS "")
set(QP_LEFT_OUT "")
foreach(name IN LISTS QP_SPEC_PROTOCOLS)
  if(NOT QP_PROTOCOLS OR name IN_LIST QP_PROTOCOLS)
    list(APPEND QP_BUILT_PROTOCOLS ${name})
  else()
    list(APPEND QP_LEFT_OUT ${name})
  endif()
endforeach()
set(QP_WHOLE TRUE)
set(QP_ROOMS_OF_ALL "")
if(QP_LEFT_OUT)
  set(QP_WHOLE FALSE)
  # They check, play or judge every protocol, so that a build with fewer has not got them; neither has it the tests.
  set(QP_ROOMS_OF_ALL statemachines/composition statemachines/explorer statemachines/spin reference/sim vectors fuzz
    conformance/peers conformance/judges conformance/interop conformance/suites conformance/trails tools/check tools/killtables)
  list(JOIN QP_BUILT_PROTOCOLS ", " built)
  list(JOIN QP_LEFT_OUT ", " left_out)
  list(JOIN QP_ROOMS_OF_ALL ", " rooms)
  message(STATUS "Protocols of this build: ${built}; left out: ${left_out}")
  message(STATUS "Not configured, since they need all protocols: ${rooms}, and the tests. "
    "`quickpay` of this build has no check, interop and vectors, and certifies nothing")
endif()
