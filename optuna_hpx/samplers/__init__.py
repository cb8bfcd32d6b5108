"""Where the next trial should look.

- :class:`HsicSampler`: Optuna's TPE that asks HSIC which parameters count, and minds the cost
- :func:`sampler_beliefs`, :class:`SamplerBeliefs`: what it believed as the study went
- :class:`InterleavedSampler`: any sampler, with every m-th trial drawn at random
"""

from optuna_hpx.samplers._beliefs import SamplerBeliefs, sampler_beliefs
from optuna_hpx.samplers._hsic_sampler import HsicSampler
from optuna_hpx.samplers._interleaved import InterleavedSampler

__all__ = ["HsicSampler", "InterleavedSampler", "SamplerBeliefs", "sampler_beliefs"]
