/* The compiled machines inside Spin: the state is the composition's, tracked and matched by Spin; each move is one step of the
   C++ composition, by its Boost.MSM machines. Spin searches, stores and compares; C++ says what can happen next.
   qp_moves, the number of moves of the tracked state, follows from it and so tells no two states apart. */
c_decl {
  extern unsigned char qp_state[];
  extern int qp_moves;
  extern void qp_take(int);
};
c_track "qp_state" "320" "Matched";
c_track "&qp_moves" "4" "Matched";

short chosen = 0;

active proctype world() {
  do
  :: atomic {
       c_expr { qp_moves > 0 };
       do
       :: c_expr { now.chosen < qp_moves - 1 } -> chosen++
       :: break
       od;
       c_code { qp_take(now.chosen); };
       chosen = 0
     }
  od
}
