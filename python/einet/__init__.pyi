import datetime
import enum
import os
from typing import Any, Callable, Dict, List, Literal, Optional, Sequence, Tuple, Union

import numpy
import numpy.typing

__version__: str

_Path = Union[str, "os.PathLike[str]"]
_Publish = Literal["latest", "most-confident", "combined"]
_Seconds = float
_Progress = Callable[[str, int, int, str], None]

class ErrorKind(enum.Enum):
    USAGE = ...
    NOT_FOUND = ...
    INVALID_DATA = ...
    UNSUPPORTED = ...
    IO = ...
    INTERNAL = ...

class Error(RuntimeError):
    kind: ErrorKind

class Answer:
    label: Optional[int]
    exit: Optional[int]
    confidence: float
    sequence: int
    run: int
    frame: int
    elapsed: _Seconds
    time: _Seconds
    others: List[Tuple[int, float]]
    exists: bool
    is_initial: bool
    def __bool__(self) -> bool: ...

class BlockTimes:
    def __init__(self, conv: Sequence[_Seconds], branch: Sequence[_Seconds], planning: Sequence[_Seconds] = ..., *,
                 lane_conv: Sequence[_Seconds] = ..., lane_busy: Sequence[_Seconds] = ...,
                 lane_branch: Sequence[_Seconds] = ...) -> None: ...
    conv: numpy.typing.NDArray[numpy.float64]
    branch: numpy.typing.NDArray[numpy.float64]
    planning: numpy.typing.NDArray[numpy.float64]
    exits: int
    lanes: int
    total: _Seconds

class Plan:
    exits: List[int]
    expectation: float
    upper_bound: float
    def svg(self) -> str: ...
    def _repr_svg_(self) -> str: ...

def plan(times: BlockTimes, scores: Sequence[float], *, distribution: str = ..., planner: str = ...,
         horizon: Optional[_Seconds] = ..., deadline: Optional[_Seconds] = ...) -> Plan: ...
def expectation(times: BlockTimes, scores: Sequence[float], exits: Sequence[int], *, distribution: str = ...,
                horizon: Optional[_Seconds] = ...) -> float: ...
def planner_names() -> List[str]: ...
def distribution_forms() -> List[str]: ...

class Model:
    def __init__(self, bundle: _Path, *, distribution: str = ..., planner: str = ..., decision_table: bool = ...,
                 precision: Literal["f32", "bf16"] = ..., threads: int = ..., branch_lane: bool = ...,
                 tune: bool = ..., measure: bool = ..., cache: Optional[_Path] = ...) -> None: ...
    exits: int
    digest: str
    labels: List[str]
    input_shape: Tuple[int, ...]
    times: BlockTimes
    horizon: _Seconds
    notes: List[str]
    publish: _Publish
    def label_name(self, label: int) -> str: ...

class SlotOwner:
    process: int
    start_time: int
    epoch: int
    alive: bool

class SharedSlot:
    @staticmethod
    def create(path: _Path) -> "SharedSlot": ...
    @staticmethod
    def create_anonymous() -> "SharedSlot": ...
    @staticmethod
    def attach(path: _Path) -> "SharedSlot": ...
    @staticmethod
    def attach_descriptor(descriptor: int) -> "SharedSlot": ...
    @staticmethod
    def reset(path: _Path) -> None: ...
    def read(self) -> Answer: ...
    owner: SlotOwner
    model: str
    descriptor: int

class StoredAnswer:
    answer: Answer
    written: datetime.datetime
    model: str

def read_stored_answer(path: _Path) -> StoredAnswer: ...

class Session:
    def __init__(self, model: Model, *, publish: Optional[_Publish] = ...,
                 initial: Literal["none", "frequent", "previous"] = ..., slot: Optional[SharedSlot] = ...,
                 take_over: bool = ..., persist: _Path = ..., persist_every: _Seconds = ..., top: int = ...,
                 deadlines: bool = ..., branch_lane: bool = ..., spin: _Seconds = ..., processors: Sequence[int] = ...,
                 branch_processors: Sequence[int] = ...,
                 scheduling: Literal["inherited", "normal", "fifo", "round-robin"] = ..., priority: int = ...,
                 branch_priority: int = ..., lock_memory: bool = ..., name: str = ...) -> None: ...
    model: Model
    state: Literal["idle", "running", "finished", "interrupted", "failed"]
    failure: str
    lost_slot: bool
    persist_failure: str
    def start(self, image: numpy.typing.NDArray[numpy.float32], deadline: Optional[_Seconds] = ..., *,
              publish: Optional[_Publish] = ..., frame: int = ..., number: int = ...) -> int: ...
    def run(self, image: numpy.typing.NDArray[numpy.float32], deadline: Optional[_Seconds] = ..., *,
            publish: Optional[_Publish] = ..., frame: int = ...) -> Answer: ...
    def latest(self, run: Optional[int] = ...) -> Answer: ...
    def interrupt(self, run: Optional[int] = ...) -> None: ...
    def wait(self) -> Answer: ...
    def wait_next(self, sequence: int = ...) -> Answer: ...
    def answers(self) -> List[Answer]: ...
    def trace(self) -> List[Tuple[Literal["conv", "branch", "planning"], int, _Seconds, _Seconds]]: ...

class Figures:
    data: Dict[str, Any]
    def svg(self) -> str: ...
    def _repr_svg_(self) -> str: ...

def evaluate(bundle: _Path, *, distribution: str = ..., planner: str = ..., same_samples: bool = ...,
             horizon: Optional[_Seconds] = ..., platform: str = ..., measure: bool = ...,
             lanes: int = ...) -> Figures: ...
def compare(bundles: Sequence[_Path], *, distribution: str = ..., same_samples: bool = ...,
            horizon: Optional[_Seconds] = ..., platform: str = ..., measure: bool = ...,
            lanes: int = ...) -> Figures: ...
def insert_exits(input: _Path, output: _Path, *, exits: int = ..., after: Sequence[str] = ...,
                 input_exits: Optional[int] = ..., candidates: int = ..., classes: int = ...,
                 seed: int = ...) -> List[Dict[str, Any]]: ...

class ChosenExits:
    data: Dict[str, Any]
    def svg(self) -> str: ...
    def _repr_svg_(self) -> str: ...

def choose_exits(bundle: _Path, output: _Path, *, distribution: str = ..., horizon: Optional[_Seconds] = ...,
                 platforms: Sequence[str] = ..., max_parameters: int = ..., max_exits: int = ...,
                 keep_last: bool = ..., measure: bool = ..., force: bool = ...) -> ChosenExits: ...
def profile(model: _Path, output: Optional[_Path] = ..., *, data: str = ..., directory: str = ..., limit: int = ...,
            images: Optional[numpy.typing.NDArray[numpy.float32]] = ...,
            labels: Optional[numpy.typing.ArrayLike] = ..., label_names: Sequence[str] = ..., budget: _Seconds = ...,
            weights: Literal["float16", "float32", "none"] = ...,
            log_probabilities: Literal["auto", "keep", "fit", "none"] = ..., precision: Literal["f32", "bf16"] = ...,
            threads: int = ..., tune: bool = ..., lanes: int = ..., force: bool = ...,
            progress: Optional[_Progress] = ...) -> Dict[str, Any]: ...
def reproduce(names: Sequence[str] = ..., *, output: _Path = ..., bundles: _Path = ..., distribution: str = ...,
              seed: int = ..., platform: str = ..., directory: str = ...,
              progress: Optional[_Progress] = ...) -> Dict[str, Any]: ...
def reproducible() -> List[str]: ...
