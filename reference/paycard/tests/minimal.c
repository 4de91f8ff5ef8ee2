/* QP-PAY-001, QP-PAY-003, QP-GEN-013: the least Paycard, in C and with nothing but the header. Its token is what it was
   told last, so that it can be seen to keep something. */
#include <string.h>

#include "reference/paycard/generated/qp_paycard.h"

struct qp_paycard {
  const qp_store_api* store;
};

static const uint8_t kKey[] = {'l', 'a', 's', 't'};
static struct qp_paycard the_card;

static int give(qp_buf* out, const char* text) {
  const size_t size = strlen(text);
  if (size > out->capacity) return QP_PAYCARD_FAILED;
  memcpy(out->data, text, size);
  out->size = size;
  return QP_PAYCARD_DONE;
}

uint32_t qp_paycard_abi(void) { return QP_PAYCARD_ABI; }

int qp_paycard_describe(qp_buf* description) {
  return give(description, "(Description(Broker=2:B9)(Product=7:hostile)(Version=3:1.0)(Label=9:Hostility))");
}

int qp_paycard_open(const qp_store_api* store, qp_paycard** out) {
  the_card.store = store;
  *out = &the_card;
  return QP_PAYCARD_DONE;
}

void qp_paycard_close(qp_paycard* paycard) { paycard->store = NULL; }

int qp_paycard_authorize(qp_paycard* paycard, const qp_bytes* order_ref, const qp_bytes* msg_id,
                         const qp_bytes* wallet_order, qp_buf* token) {
  const qp_bytes key = {kKey, sizeof kKey};
  const int known = paycard->store->get(paycard->store->context, &key, token);
  (void)order_ref;
  (void)wallet_order;
  if (known != QP_PAYCARD_DONE && give(token, "first") != QP_PAYCARD_DONE) return QP_PAYCARD_FAILED;
  return paycard->store->put(paycard->store->context, &key, msg_id);
}

int qp_paycard_check_answer(qp_paycard* paycard, const qp_bytes* msg_id, const qp_bytes* endorsement,
                            const qp_bytes* answer_tag) {
  (void)paycard, (void)msg_id, (void)endorsement;
  return answer_tag->size != 0 ? QP_PAYCARD_DONE : QP_PAYCARD_REFUSED;
}

int qp_paycard_remove(qp_paycard* paycard, const qp_bytes* msg_id, qp_buf* token) {
  (void)paycard, (void)msg_id;
  return give(token, "gone");
}

int qp_paycard_confirm(qp_paycard* paycard, const qp_bytes* aad, const qp_bytes* wallet_info, const qp_bytes* issue_code,
                       const qp_bytes* guard_key, qp_buf* sealed_request) {
  (void)paycard, (void)aad, (void)wallet_info, (void)issue_code, (void)guard_key, (void)sealed_request;
  return QP_PAYCARD_REFUSED;
}

int qp_paycard_session(qp_paycard* paycard, const qp_bytes* answer_aad, const qp_bytes* boxed_answer, const qp_bytes* aad,
                       qp_buf* sealed_request) {
  (void)paycard, (void)answer_aad, (void)boxed_answer, (void)aad, (void)sealed_request;
  return QP_PAYCARD_REFUSED;
}

int qp_paycard_questions(qp_paycard* paycard, const qp_bytes* answer_aad, const qp_bytes* boxed_answer, qp_buf* questions) {
  (void)paycard, (void)answer_aad, (void)boxed_answer, (void)questions;
  return QP_PAYCARD_REFUSED;
}

int qp_paycard_answers(qp_paycard* paycard, const qp_bytes* aad, const qp_bytes* answers, qp_buf* sealed_request) {
  (void)paycard, (void)aad, (void)answers, (void)sealed_request;
  return QP_PAYCARD_REFUSED;
}

int qp_paycard_finish(qp_paycard* paycard, const qp_bytes* answer_aad, const qp_bytes* boxed_answer) {
  (void)paycard, (void)answer_aad, (void)boxed_answer;
  return QP_PAYCARD_REFUSED;
}
