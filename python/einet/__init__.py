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
    ChosenExits,
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
    choose_exits,
    compare,
    distribution_forms,
    evaluate,
    expectation,
    insert_exits,
    plan,
    planner_names,
    profile,
    read_stored_answer,
    reproduce,
    reproducible,
)

__all__ = [
    "Answer",
    "BlockTimes",
    "ChosenExits",
    "Error",
    "ErrorKind",
    "Figures",
    "Model",
    "Plan",
    "Session",
    "SharedSlot",
    "SlotOwner",
    "StoredAnswer",
    "choose_exits",
    "compare",
    "distribution_forms",
    "evaluate",
    "expectation",
    "insert_exits",
    "plan",
    "planner_names",
    "profile",
    "read_stored_answer",
    "reproduce",
    "reproducible",
]
