"""Where the next trial should look.

- :class:`HsicSampler`: Optuna's TPE that asks HSIC which parameters count, and minds the cost
"""

from optuna_hpx.samplers._hsic_sampler import HsicSampler

__all__ = ["HsicSampler"]
