"""Things that a program holds rather than computes with: locks, pools, open files. Their state does not count."""

from __future__ import annotations

import io
import logging
import mmap
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from everfresh_fingerprint.digest import digest
from everfresh_fingerprint.errors import UnfingerprintableError
from everfresh_fingerprint.form import Form, register
from everfresh_fingerprint.forms.by_state import BUILT_ON

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@register(type(threading.Lock()), type(threading.RLock()), threading.Condition)
def _synchronization(value: object) -> Form:
    return Form("synchronization", [type(value)])


@register(threading.Semaphore, threading.BoundedSemaphore)
def _semaphore(value: threading.Semaphore) -> Form:
    return Form("semaphore", [type(value), value._value])


@register(threading.Barrier)
def _barrier(value: threading.Barrier) -> Form:
    return Form("barrier", [value.parties])


@register(threading.Event)
def _event(value: threading.Event) -> Form:
    return Form("event", [value.is_set()])


@register(logging.Logger, logging.RootLogger)
def _logger(value: logging.Logger) -> Form:
    """What is logged is no part of an answer, and the name follows the module's; whether it logs can be asked."""
    return Form("logger", [value.level])


@register(threading.local)
def _thread_local(value: threading.local) -> Form:
    return Form("thread local", [vars(value)])


# A subclass is described by what this thread keeps in it.
BUILT_ON[threading.local] = lambda value: None


@register(ThreadPoolExecutor, ProcessPoolExecutor)
def _executor(value: Any) -> Form:
    return Form("executor", [type(value), value._max_workers, value._initializer, value._initargs])


@register(io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom, io.BufferedReader, io.FileIO)
def _file(value: Any) -> Form:
    """A file that is only written to adds nothing to an answer; one that is read from could add anything."""
    if value.closed or not value.readable():
        return Form("file", [type(value), str(value.name), value.closed])
    raise UnfingerprintableError(
        f"the file {value.name!r} is open for reading, and what will be read from it cannot be known; "
        "open it inside the function, or pass its content"
    )


@register(mmap.mmap)
def _mapped_file(value: mmap.mmap) -> Form:
    """By what is in it now, and the place that it would be read from; which file it is does not count."""
    with memoryview(value) as content:
        return Form("mmap", [digest(content), value.tell()])
