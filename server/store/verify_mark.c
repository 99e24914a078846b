/* The check of the mark: as of its day, windows are proved by interactions. */

#include "server/store/verify_walk.h"

static struct status mark_of(struct verify *verify, struct bytes row, struct store_mark *out) {
    const struct store_key key = store_key_table(STORE_TABLE_MARK);
    TRY(view_untagged(verify->store, store_key_bytes(&key), row, &verify->arena, &row));
    return mark_row_read(&verify->arena, row, out);
}

struct status verify_mark_read(struct verify *verify) {
    const struct store_key key = store_key_table(STORE_TABLE_MARK);
    struct bytes row;
    TRY(engine_get(verify->view.txn, store_key_bytes(&key), &row));
    const struct status status = mark_of(verify, row, &verify->mark);
    return verify_is_problem(status) ? OK : status; /* Told when its own row is looked at. */
}

struct status verify_mark(struct verify *verify, struct bytes key, struct bytes value) {
    struct store_mark mark;
    (void)key;
    TRY(mark_of(verify, value, &mark));
    return mark.counting || id_is_zero(mark.place)
               ? OK
               : verify_wrong("it has come to a place and counts nothing");
}
