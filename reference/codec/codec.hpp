// Everything that users of the codec need.
#pragma once

#include "reference/codec/canonical.hpp"
#include "reference/codec/limits.hpp"
#include "reference/codec/profile.hpp"
#include "reference/codec/reader.hpp"
#include "reference/codec/schema.hpp"
#include "reference/codec/writer.hpp"
