"""Planning: state in, plan out.

A planner compares what is wanted with what stands, in frozen values, and returns intents and findings. It makes no
call, asks no clock (`now` is an argument) and never raises because of data.
"""
