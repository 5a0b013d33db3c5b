#include <chrono>

#include "runtime/c_handles.h"
#include "runtime/c_status.h"

using einet::give;
using einet::guarded;
using einet::required;
using einet::SharedSlot;

namespace {

einet_slot* writable_slot(const std::shared_ptr<SharedSlot>& slot) { return new einet_slot{slot, slot}; }

}  // namespace

einet_status einet_slot_create(const char* path, einet_slot** slot) {
  return guarded([&] {
    einet_slot*& out = required(slot, "slot");
    out = writable_slot(SharedSlot::create(&required(path, "path")));
  });
}

einet_status einet_slot_create_anonymous(einet_slot** slot) {
  return guarded([&] {
    einet_slot*& out = required(slot, "slot");
    out = writable_slot(SharedSlot::create_anonymous());
  });
}

einet_status einet_slot_attach(const char* path, einet_slot** slot) {
  return guarded([&] {
    einet_slot*& out = required(slot, "slot");
    out = new einet_slot{SharedSlot::attach(&required(path, "path")), nullptr};
  });
}

einet_status einet_slot_attach_descriptor(int32_t descriptor, einet_slot** slot) {
  return guarded([&] {
    einet_slot*& out = required(slot, "slot");
    out = new einet_slot{SharedSlot::attach(descriptor), nullptr};
  });
}

int32_t einet_slot_descriptor(const einet_slot* slot) { return slot == nullptr ? -1 : slot->readable->descriptor(); }

einet_status einet_slot_read(const einet_slot* slot, einet_answer* answer) {
  return give(answer, "answer", [&] { return einet::to_c(required(slot, "slot").readable->read()); });
}

einet_status einet_slot_owner(const einet_slot* slot, einet_owner* owner) {
  return give(owner, "owner", [&] {
    const SharedSlot& shared = *required(slot, "slot").readable;
    const einet::SlotOwner now = shared.owner();
    einet_owner out = EINET_OWNER_INIT;
    out.alive = now.alive ? 1 : 0;
    out.process = now.process;
    out.start_time = now.start_time;
    out.epoch = now.epoch;
    einet::copy_text(out.model, shared.model());
    return out;
  });
}

void einet_slot_free(einet_slot* slot) { delete slot; }

einet_status einet_stored_answer(const char* path, einet_answer* answer, int64_t* written_ns) {
  return give(answer, "answer", [&] {
    const einet::StoredAnswer stored = einet::read_stored_answer(&required(path, "path"));
    if (written_ns != nullptr) *written_ns = std::chrono::nanoseconds(stored.written.time_since_epoch()).count();
    return einet::to_c(stored.answer);
  });
}
