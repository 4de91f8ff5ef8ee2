// Random small specifications through load, expansion and lint: sound ones are clean, and one broken name is found.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tools/speccompiler/lint/lint.hpp"

namespace quickpay::spec {
namespace {

namespace fs = std::filesystem;

/// A machine of user actions only: every state is reached by its own event from the first state, every predicate read.
struct Shape {
  int states = 1;
  int predicates = 1;
  int types = 1;
};

Shape random_shape() { return {*rc::gen::inRange(1, 5), *rc::gen::inRange(1, 6), *rc::gen::inRange(1, 6)}; }

std::string types_text(const Shape& shape) {
  std::string text;
  for (int i = 0; i < shape.types; ++i) {
    text += fmt::format("<type id='Leaf{}' pattern='[a-z]{{1,{}}}' since='1.0'>Leaf.</type>", i, i + 1);
  }
  return text;
}

std::string struct_text(const Shape& shape) {
  std::string text = "<struct id='All' since='1.0'><text>All leaves.</text>";
  for (int i = 0; i < shape.types; ++i) text += fmt::format("<field name='F{}' type='Leaf{}'/>", i, i);
  return text + "</struct>";
}

// A chain in which each predicate has its case, in random polarity, so that none is unreachable.
std::string chain_text(const Shape& shape, int state) {
  std::string text;
  for (int i = 0; i < shape.predicates; ++i) {
    const std::string_view polarity = *rc::gen::element(std::string_view(""), std::string_view("not "));
    text += fmt::format("<case id='C{}.{}' if='{}p{}' to='S{}' do='tell t{}'/>", state, i, polarity, i, state, i);
  }
  return text + fmt::format("<otherwise id='C{}.x' to='S{}' do=''/>", state, (state + 1) % shape.states);
}

std::string machine_text(const Shape& shape) {
  std::string text = "<machine id='m' role='r' key='F0' initial='S0' since='1.0'><text>Random.</text>";
  for (int i = 0; i < shape.states; ++i) text += fmt::format("<state id='S{}'>State.</state>", i);
  text += "<event id='go' kind='action'>Go.</event>";
  for (int i = 0; i < shape.predicates; ++i) {
    text += fmt::format("<predicate id='p{}' over='record' observable='own' abstract='any'>p</predicate>", i);
  }
  for (int i = 0; i < shape.states; ++i)
    text += fmt::format("<on state='S{}' event='go'>{}</on>", i, chain_text(shape, i));
  return text + "</machine>";
}

std::string spec_text(const Shape& shape) {
  return "<spec xmlns='urn:quickpay:spec:1' id='x' version='1.0' namespace='urn:x' signature-prefix='X' since='1.0'>"
         "<text>Random.</text><roles><role id='r' name='R' since='1.0'>Role.</role></roles><types>" +
         types_text(shape) +
         "</types><common><family id='f' max-body-bytes='9' max-elements='9' since='1.0'>F.</family>" +
         struct_text(shape) + "</common><protocol id='p' family='f' since='1.0'><text>P.</text>" + machine_text(shape) +
         "</protocol></spec>";
}

tl::expected<Spec, Diagnostics> compiled(const std::string& text) {
  const fs::path file = fs::temp_directory_path() / fmt::format("random-spec-{}.xml", getpid());
  std::ofstream(file, std::ios::binary) << text;
  auto spec = compile_spec(file);
  fs::remove(file);
  return spec;
}

RC_GTEST_PROP(RandomSpec, IsCleanAndItsRowsAreExclusiveAndTotal, ()) {
  const Shape shape = random_shape();
  const auto spec = compiled(spec_text(shape));
  if (!spec) RC_FAIL(to_string(spec.error().front()));
  const Machine& machine = spec->machines.front();
  for (const State& state : machine.states) {
    for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << shape.predicates); ++bits) {
      int fitting = 0;
      for (const Row& row : machine.rows) {
        if (row.state == state.id && (bits & row.mask) == row.value) ++fitting;
      }
      RC_ASSERT(fitting == 1);
    }
  }
}

// Breaking one name that others use is always found.
RC_GTEST_PROP(RandomSpec, ABrokenReferenceIsFound, ()) {
  const Shape shape = random_shape();
  std::string text = spec_text(shape);
  const auto broken = *rc::gen::element<std::string>("type='Leaf0'", "if='p0'", "if='not p0'", "initial='S0'",
                                                     "event='go'", "role='r'", "key='F0'", "family='f'");
  const std::size_t at = text.find(broken);
  RC_PRE(at != std::string::npos);
  text.insert(at + broken.size() - 1, "q");
  RC_ASSERT(!compiled(text).has_value());
}

// Any single byte deleted gives a specification or findings, never a crash.
RC_GTEST_PROP(RandomSpec, ALostByteIsSurvived, ()) {
  std::string text = spec_text(random_shape());
  text.erase(*rc::gen::inRange<std::size_t>(0, text.size()), 1);
  const auto spec = compiled(text);
  RC_ASSERT(spec.has_value() || !spec.error().empty());
}

}  // namespace
}  // namespace quickpay::spec
