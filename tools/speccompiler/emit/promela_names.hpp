// INTERNAL to the Promela emitter: who takes part, which requests travel, and how everything is called in the model.
#pragma once

#include <string>
#include <vector>

#include "tools/speccompiler/expand/formula.hpp"
#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec::promela {

/// A kind of request between two instances; `to` is -1 if the surroundings answer it.
struct Letter {
  std::size_t from = 0;
  int to = -1;
  std::string message, variant;
  const Event* arrival = nullptr;        ///< at its receiver
  std::vector<std::string> codes;        ///< answers it may get …
  std::vector<const Event*> outcomes;    ///< … and the event of its sender that each is
  std::vector<bool> final;
  const Event* failure = nullptr;        ///< of its sender, if no answer comes
};

/// What a step of a machine knows of the message at hand.
struct Scene {
  std::size_t instance = 0;
  int letter = -1;    ///< that can be answered
  int answered = -1;  ///< whose outcome this is
  bool forged = false;
  std::string other = "0";  ///< expression
  std::string variant;
  std::vector<std::size_t> via;  ///< instances that took a step before, in the same unit
};

class Names {
 public:
  Names(const Spec& spec, const PropertySet& set, std::size_t order);

  const Spec& spec() const { return spec_; }
  const PropertySet& set() const { return set_; }
  const std::vector<Letter>& letters() const { return letters_; }
  const Machine& machine(std::size_t instance) const { return *machines_[instance]; }
  std::size_t instances() const { return machines_.size(); }
  bool is_first() const { return order_ == "1"; }
  int instance_of(const std::string& machine) const;
  int letter(std::size_t instance, const std::string& message, const std::string& variant) const;
  /// Timers of a machine, each once.
  static std::vector<std::string> timers(const Machine& machine);
  /// Whether requests of this event come from nobody in the model.
  bool from_outside(std::size_t instance, const Event& event) const;

  std::string state(std::size_t instance) const;
  std::string variable(std::size_t instance, std::size_t index) const;
  std::string timer(std::size_t instance, const std::string& timer) const;
  std::string fetching(std::size_t instance) const;
  /// `part`: open moving old parked deaf done
  std::string letter_part(std::size_t letter, const std::string& part) const;
  std::string answer(std::size_t letter, std::size_t code) const;
  /// A shared ghost has a name an order, too: what the names mean depends on which players the orders have.
  std::string ghost(std::size_t index) const;
  /// What the preprocessor must find for the instance to take part; empty: nothing.
  std::string condition(std::size_t instance) const;
  /// A formula as an expression.
  std::string expression(const Formula& formula, const Scene& scene) const;
  std::string expression(const std::string& formula, const Scene& scene) const;

 private:
  void add_letters(std::size_t instance);
  void add_letter(std::size_t instance, const Effect& effect);
  int receiver(std::size_t sender, const std::string& message) const;
  void add_codes(const Machine& machine, Letter& letter) const;
  bool is_port_target(std::size_t instance, const std::string& event) const;
  std::string binary(const Formula& formula, const Scene& scene) const;
  std::string calls(const Formula& formula) const;
  std::string option(const std::string& id) const;

  const Spec& spec_;
  const PropertySet& set_;
  std::string order_;
  std::vector<const Machine*> machines_;
  std::vector<Letter> letters_;
};

/// The class of an answer for who gets it: ok | no | new | same.
std::string class_of(const Spec& spec, const std::string& code);

}  // namespace quickpay::spec::promela
