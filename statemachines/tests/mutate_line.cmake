# Copies INPUT to OUTPUT with the line of one row changed: the line that ends with "// ROW", in which the regular
# expression FROM is replaced by TO. Fails unless exactly one line has that end and it is really changed.
file(READ "${INPUT}" text)
set(end "// ${ROW}\n")
string(FIND "${text}" "${end}" first)
string(FIND "${text}" "${end}" last REVERSE)
if(first EQUAL -1 OR NOT first EQUAL last)
  message(FATAL_ERROR "${INPUT}: not exactly one line ends with '// ${ROW}'")
endif()

string(SUBSTRING "${text}" 0 ${first} head)
string(FIND "${head}" "\n" line_break REVERSE)
math(EXPR start "${line_break} + 1")
string(SUBSTRING "${text}" 0 ${start} before)
string(SUBSTRING "${head}" ${start} -1 line)
string(SUBSTRING "${text}" ${first} -1 after)

string(REGEX REPLACE "${FROM}" "${TO}" changed "${line}")
if(changed STREQUAL line)
  message(FATAL_ERROR "${INPUT}: '${FROM}' changes nothing in row ${ROW}")
endif()
file(WRITE "${OUTPUT}" "${before}${changed}${after}")
