/* Counts the heap allocations of a whole program, on any thread: malloc_calls.c replaces the malloc family. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/* Counts from now on, from 0. */
void count_malloc_calls(void);
/* Stops counting and returns the number of calls. */
long counted_malloc_calls(void);

#ifdef __cplusplus
}
#endif
