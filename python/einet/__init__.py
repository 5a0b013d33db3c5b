"""Elastic inference: networks that have the best possible answer ready whenever they are cut off.

    model = einet.Model("bundles/fashion-mnist-msdnet-elastic.einet")
    session = einet.Session(model)
    run = session.start(image)      # returns at once, runs on its own thread
    ...                             # until something cuts it off
    session.interrupt(run)
    answer = session.latest(run)

Exits are numbered from 0. All times are in seconds.
"""

from ._einet import (  # noqa: F401
    Answer,
    BlockTimes,
    Error,
    ErrorKind,
    Figures,
    Model,
    Plan,
    Session,
    SharedSlot,
    SlotOwner,
    StoredAnswer,
    __version__,
    compare,
    distribution_forms,
    evaluate,
    expectation,
    insert_exits,
    plan,
    planner_names,
    read_stored_answer,
)

__all__ = [
    "Answer",
    "BlockTimes",
    "Error",
    "ErrorKind",
    "Figures",
    "Model",
    "Plan",
    "Session",
    "SharedSlot",
    "SlotOwner",
    "StoredAnswer",
    "compare",
    "distribution_forms",
    "evaluate",
    "expectation",
    "insert_exits",
    "plan",
    "planner_names",
    "read_stored_answer",
]
